"""A section that the template gave is gone.

Somebody decided that this question needs no answer, and nobody can see that they did.
A section that does not apply says so, in a sentence.

Template:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    ## Kill criteria
    <!-- section: kill-criteria -->

Flagged:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

Fine:

    # Fraud watch: design

    ## What it is for
    <!-- section: problem -->

    ## When we stop
    <!-- section: kill-criteria -->
"""

from collections.abc import Iterator

from mlcharter.charter import Charter
from mlcharter.demands import DocumentDemand
from mlcharter.document import Document
from mlcharter.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for demand, document in charter.demanded:
        for wanted in demand.sections:
            if document.section(wanted.id) is None:
                line = _where(demand, document, wanted.id)
                message = f"the section `{wanted.id}` ({wanted.heading}) is gone"
                yield document.finding(
                    line,
                    f"{message}; restore it with `--fix`, or say under it why it does not apply",
                )


def _where(demand: DocumentDemand, document: Document, id: str) -> int:
    """The last line of the nearest section before the one that is missing."""
    line = 1
    for section in demand.sections:
        if section.id == id:
            break
        here = document.section(section.id)
        line = here.end if here else line
    return line
