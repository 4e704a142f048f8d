"""The paragraph `Not written yet.`, which marks a section as not filled.

Replace it with your answer to the guidance above it. At level draft, unfilled sections are only
counted; at level complete, they fail (`section-unfilled`). If a section does not apply, write that,
with the reason.

Example:

    ## Kill criteria
    <!-- section: kill-criteria -->

    <!-- Which number, on which day, ends this? -->

    Not written yet.
"""

ALSO = ("unfilled", "not-written-yet")
