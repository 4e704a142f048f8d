"""A heading with an id in the comment under it, and the text up to the next such heading.

You may change the heading, but keep the id, since tools find the section by it. `section-removed`
reports a deleted section of the template, and `mlcharter check --fix` restores it. If a section
does not apply, keep it and write that, with the reason.

Example:

    ## CI gates
    <!-- section: ci-gates -->

    Two numbers stop a merge; both were agreed with the card team before the first run.
"""
