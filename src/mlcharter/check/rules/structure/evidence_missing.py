"""A ticked item has no evidence, or its evidence does not exist.

Evidence lets others verify a tick. A link to a missing file, or to one outside the repository,
cannot be verified.

Flagged:

    - [x] `rollback-drilled` The rollback was carried out.

Flagged:

    - [x] `rollback-drilled` The rollback was carried out. Evidence: [log](../reports/gone.json)

Flagged:

    - [x] `rollback-drilled` The rollback was carried out. Evidence: [log](../../../etc/hostname)

Fine:

    --- reports/released/drill.txt
    Rolled back in 41 seconds.
    --- docs/design_doc.md
    - [x] `rollback-drilled` Rolled back. Evidence: [log](../reports/released/drill.txt)

Fine:

    - [x] `rollback-drilled` The rollback was carried out. Evidence: https://ci.acme.example/4711
"""

from collections.abc import Iterator

from mlcharter.charter import link_targets
from mlcharter.charter.charter import Charter
from mlcharter.markdown.checklist import Evidence
from mlcharter.markdown.document import Document
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for document, item in charter.items:
        if item.id is None or not item.ticked:
            continue
        if not item.evidence:
            remedy = "add `Evidence: [log](path)` or an `https://` address"
            message = f"`{item.id}` is ticked without evidence; {remedy}"
            yield document.finding(item.line, message)
        for evidence in item.evidence:
            problem = _find_problem(charter, document, evidence)
            if problem:
                message = f"the evidence of `{item.id}` {problem}"
                yield document.finding(evidence.line, message, evidence.column)


def _suggest_link(charter: Charter, document: Document, target: str) -> str:
    """Return a remedy for a broken link: the corrected link if it was written from the top."""
    link = link_targets.rewrite_from_root(charter, document, target)
    return f"links are relative to the document: write `{link}`" if link else "correct the link"


def _find_problem(charter: Charter, document: Document, evidence: Evidence) -> str | None:
    """Return what is wrong with the target of a piece of evidence, or None."""
    target = evidence.target
    if link_targets.is_external(target):
        secure = target.startswith("https://")
        return None if secure else f"is `{target}`; use an `https://` address"
    path = link_targets.resolve(document.path, target)
    if path is None:
        return f"is outside the repository: `{target}`; keep a copy inside"
    if path == document.path:
        return "is the document itself; link the file that shows it"
    if not charter.exists(path):
        return f"does not exist: `{path}`; {_suggest_link(charter, document, target)}"
    if not charter.is_file(path):
        return f"is not a file: `{path}`; link a file in it"
    return None
