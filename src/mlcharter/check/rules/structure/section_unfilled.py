"""Nobody has written what a section asks for.

A placeholder, the guidance copied as the answer, lorem ipsum or a bare title look like a document
and tell nobody anything.

Template:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    <!-- Which decision does this model change, and who makes it today? -->

    Not written yet.

Flagged:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    <!-- Which decision does this model change, and who makes it today? -->

    Not written yet.

Flagged:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    Which decision does this model change, and who makes it today?

Flagged:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    ### The problem

    Lorem ipsum dolor sit amet, consectetur adipiscing elit.

Fine:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    It decides which payments wait for a person; until now every payment above 500 euros does.
"""

from collections.abc import Iterator

from mlcharter.charter import filling
from mlcharter.charter.charter import Charter
from mlcharter.markdown.document import PLACEHOLDER
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for wanted, section, reason in charter.unfilled:
        at = filling.placeholder(section)
        message = f"the section `{wanted.id}` {reason}; answer its guidance"
        yield section.document.finding(at.line if at else section.line, message)
    judged = {(section.document.path, section.line) for _, section in charter.sections}
    for document in charter.documents:
        if PLACEHOLDER not in document.text:
            continue
        for section in document.sections:
            at = filling.placeholder(section)
            if at and (document.path, section.line) not in judged:
                message = f"the section `{section.id or section.heading}` is not written yet"
                yield document.finding(at.line, f"{message}; write it or remove it")
