"""Evidence has changed since somebody looked at it.

The stamp records the file that was reviewed. When the file changes, the item may still hold, but
nobody has checked. Line ends do not count: Git may write others in another clone. Reports that
each run writes again change by themselves: freeze a copy.

Flagged:

    --- reports/released/drill.txt
    Rolled back in 41 seconds.
    --- docs/design_doc.md
    - [x] `rollback-drilled` Rolled back.
      Evidence: [log](../reports/released/drill.txt) (sha256:1f3a9c52d4e07b88)

Flagged:

    --- reports/applied.json
    {}
    --- docs/design_doc.md
    - [x] `gates-before-results` Gates came first. Evidence: [run](../reports/applied.json)

Fine:

    --- reports/released/drill.txt
    Rolled back in 41 seconds.
    --- docs/design_doc.md
    - [x] `rollback-drilled` Rolled back.
      Evidence: [log](../reports/released/drill.txt) (sha256:50a725502dd140ea)
"""

from collections.abc import Iterator

from mlcharter.charter import link_targets
from mlcharter.charter.charter import Charter
from mlcharter.markdown.document import Document, Evidence
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    for document, item in charter.items:
        for proof in item.evidence if item.id else ():
            problem = _wrong(charter, document, proof)
            if problem:
                message = f"the evidence of `{item.id}` {problem}"
                yield document.finding(proof.line, message, proof.column)


def _wrong(charter: Charter, document: Document, proof: Evidence) -> str | None:
    if link_targets.is_external(proof.target):
        return None
    path = link_targets.resolve(document.path, proof.target)
    if path is not None and _is_rewritten(path):
        return f"is written again by each run: `{path}`; freeze a copy in `reports/released`"
    if proof.digest is None or path is None:
        return None
    if not _is_digest(proof.digest):
        return "has a stamp that is no digest; write 16 hex digits"
    if not charter.is_file(path):
        return None  # evidence-missing says so
    found = charter.digests(path)
    if isinstance(found, Unreadable):
        return f"cannot be compared with its digest: `{path}` {found.message}"
    if found.match(proof.digest):
        return None
    return f"has changed since it was stamped; look again and write `(sha256:{found.text[:16]})`"


def _is_rewritten(path: str) -> bool:
    """Whether a file is the report of the last run."""
    return path.startswith("reports/") and path.endswith(".json") and path.count("/") == 1


def _is_digest(digest: str) -> bool:
    return 16 <= len(digest) <= 64 and set(digest) <= set("0123456789abcdef")
