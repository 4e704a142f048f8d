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

Flagged:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    ## Kill criteria

    We stop when one payment in a hundred waits for no reason.

Fine:

    # Fraud watch: design

    ## What it is for
    <!-- section: problem -->

    ## When we stop
    <!-- section: kill-criteria -->
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.markdown.document import Document
from mlcharter.support.finding import Finding
from mlcharter.template.specification import DocumentSpec, SectionSpec, single_spaced

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for demand, document in charter.read:
        for wanted in demand.sections:
            if document.section(wanted.id) is not None:
                continue
            heading = _bare(document, demand, wanted)
            if heading:
                message = f"the section `{wanted.id}` has lost its id"
                remedy = f"write `<!-- section: {wanted.id} -->` under its heading"
                yield document.finding(heading, f"{message}; {remedy}")
                continue
            message = f"the section `{wanted.id}` ({wanted.heading}) is gone"
            remedy = "restore it with `--fix`, or say under it why it does not apply"
            line = _left(charter, document, wanted) or _before(demand, document, wanted.id)
            yield document.finding(line, f"{message}; {remedy}")


def _bare(document: Document, demand: DocumentSpec, wanted: SectionSpec) -> int | None:
    """The line of a heading that is the section's own, without an id or with a strange one."""
    same = (h for h in document.headings if h.text == wanted.heading and h.level == wanted.level)
    return next((h.line for h in same if h.id not in demand.section_ids), None)


def _left(charter: Charter, document: Document, wanted: SectionSpec) -> int | None:
    """The first line of what stood in the section: guidance that only it has."""
    guidance = frozenset(map(charter.spec.fill_names, wanted.guidance))
    blocks = (block for block in document.blocks if block.kind == "guidance")
    return next((b.line for b in blocks if single_spaced(b.text) in guidance), None)


def _before(demand: DocumentSpec, document: Document, id: str) -> int:
    """The last line of the nearest section before the one that is missing."""
    line = document.sections[0].end if document.sections else 1
    for section in demand.sections:
        if section.id == id:
            break
        here = document.section(section.id)
        line = here.end if here else line
    return line
