"""A heading with an id in the comment under it, and what stands below, up to the next such heading.

The id is the interface: reword the heading, keep the id. What the template gave may not vanish
(`section-removed`); `mlcharter check --fix` puts it back, and a section that does not apply says
so, in a sentence.

Example:

    ## CI gates
    <!-- section: ci-gates -->

    Two numbers stop a merge; both were agreed with the card team before the first run.
"""
