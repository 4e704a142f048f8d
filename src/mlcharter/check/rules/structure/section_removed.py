"""A section of the template was removed.

Readers cannot tell who decided that its question needs no answer. If a section does not apply,
keep it and say why in a sentence.

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
from mlcharter.markdown.document import Document, read_guidance
from mlcharter.support.finding import Finding
from mlcharter.template.specification import DocumentSpec, SectionSpec

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for document_spec, document in charter.read:
        for spec in document_spec.sections:
            if document.section(spec.id) is not None:
                continue
            heading = _find_heading(document, document_spec, spec)
            if heading:
                message = f"the section `{spec.id}` has lost its id"
                remedy = f"write `<!-- section: {spec.id} -->` under its heading"
                yield document.finding(heading, f"{message}; {remedy}")
                continue
            message = f"the section `{spec.id}` ({spec.heading}) is missing"
            remedy = "restore it with `--fix`, or say under it why it does not apply"
            line = _find_guidance(charter, document, spec)
            line = line or _find_previous(document_spec, document, spec.id)
            yield document.finding(line, f"{message}; {remedy}")


def _find_heading(document: Document, document_spec: DocumentSpec, spec: SectionSpec) -> int | None:
    """Return the line of the section's own heading, without an id or with an unknown one."""
    same = (h for h in document.headings if h.text == spec.heading and h.level == spec.level)
    return next((h.line for h in same if h.id not in document_spec.section_ids), None)


def _find_guidance(charter: Charter, document: Document, spec: SectionSpec) -> int | None:
    """Return the first line of guidance that only this section has, left behind in another."""
    guidance = frozenset(map(charter.spec.fill_names, spec.guidance))
    blocks = (block for block in document.blocks if block.kind == "guidance")
    return next((b.line for b in blocks if read_guidance(b.text) in guidance), None)


def _find_previous(document_spec: DocumentSpec, document: Document, id: str) -> int:
    """Return the last line of the nearest section before the one that is missing."""
    line = document.sections[0].end if document.sections else 1
    for spec in document_spec.sections:
        if spec.id == id:
            break
        section = document.section(spec.id)
        line = section.end if section else line
    return line
