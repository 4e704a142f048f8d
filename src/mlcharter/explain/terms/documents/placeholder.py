"""The paragraph `Not written yet.`; while it stands, its section is unfilled.

Answer the guidance above it and delete it. Unfilled sections are counted at draft and fail at
complete (`section-unfilled`). A section that does not apply says so, in a sentence.

Example:

    ## Kill criteria
    <!-- section: kill-criteria -->

    <!-- Which number, on which day, ends this? -->

    Not written yet.
"""

ALSO = ("unfilled", "not-written-yet")
