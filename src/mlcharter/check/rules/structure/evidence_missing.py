"""An item is ticked, and nothing proves it: no evidence, or evidence that is not there.

A tick without proof is a claim. A link that leads nowhere, or out of the repository, proves it to
nobody.

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
from mlcharter.markdown.document import Document, Evidence
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for document, item in charter.items:
        if item.id is None or not item.ticked:
            continue
        if not item.evidence:
            remedy = "write `Evidence: [log](path)` or an address in its lines"
            message = f"`{item.id}` is ticked without evidence; {remedy}"
            yield document.finding(item.line, message)
        for proof in item.evidence:
            problem = _wrong(charter, document, proof)
            if problem:
                message = f"the evidence of `{item.id}` {problem}"
                yield document.finding(proof.line, message, proof.column)


def _meant(charter: Charter, document: Document, target: str) -> str:
    way = link_targets.rewrite_from_root(charter, document, target)
    return f"links begin at the document: write `{way}`" if way else "correct the link"


def _wrong(charter: Charter, document: Document, proof: Evidence) -> str | None:
    if link_targets.is_external(proof.target):
        secure = proof.target.startswith("https://")
        return None if secure else f"is `{proof.target}`; give an address that begins `https://`"
    path = link_targets.resolve(document.path, proof.target)
    if path is None:
        return f"`{proof.target}` lies outside the repository; keep a copy inside"
    if path == document.path:
        return "is the document itself; link what proves it"
    if not charter.exists(path):
        return f"is not there: `{path}`; {_meant(charter, document, proof.target)}"
    if not charter.is_file(path):
        return f"is no file: `{path}`; link a file in it"
    return None
