"""The comment that asks the author of a section for its content; it belongs to the template.

Answer it below, in your own words. It may go once the section is written; before that,
`guidance-deleted` finds that it is missing, and `mlcharter check --fix` puts it back. Copying it as
the answer does not fill the section.

Example:

    ## Problem
    <!-- section: problem -->

    <!-- Which decision does this model change, and who makes it today? -->

    It decides which payments wait for a person; until now every payment above 500 euros does.
"""
