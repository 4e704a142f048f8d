"""The quote under a heading with the questions that the section must answer.

It comes from the template, which may reword it, and ends in the comment `<!-- guidance -->`. Write
the answer below it; a copy of the guidance does not count. You may delete it when the section is
filled. Before that, `guidance-deleted` reports that it is
missing, and `mlcharter check --fix` restores it.

Example:

    ## Problem
    <!-- section: problem -->

    > Which decision does this model change, and who makes it today? <!-- guidance -->

    It decides which payments wait for a person; until now every payment above 500 euros does.
"""
