"""Evidence has changed since its digest was recorded.

The digest identifies the file that was reviewed. If the file changes, somebody must review it
again and record the new digest. Line endings are ignored, since Git may convert them. A report
that each run overwrites always changes: freeze a copy.

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
from mlcharter.markdown.checklist import Evidence
from mlcharter.markdown.document import Document
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    for document, item in charter.items:
        for evidence in item.evidence if item.id else ():
            problem = _find_problem(charter, document, evidence)
            if problem:
                message = f"the evidence of `{item.id}` {problem}"
                yield document.finding(evidence.line, message, evidence.column)


def _find_problem(charter: Charter, document: Document, evidence: Evidence) -> str | None:
    """Return why a piece of evidence is stale or cannot be compared, or None."""
    if link_targets.is_external(evidence.target):
        return None
    path = link_targets.resolve(document.path, evidence.target)
    if path is not None and _is_overwritten(path):
        return f"is overwritten by each run: `{path}`; freeze a copy in `reports/released`"
    if evidence.digest is None or path is None:
        return None
    if not _is_digest(evidence.digest):
        return "has an invalid digest; write 16 hex digits"
    if not charter.is_file(path):
        return None  # evidence-missing reports it
    digests = charter.digests(path)
    if isinstance(digests, Unreadable):
        return f"cannot be compared with its digest: `{path}` {digests.message}"
    if digests.match(evidence.digest):
        return None
    digest = f"(sha256:{digests.text[:16]})"
    return f"has changed since its digest was recorded; review it and write `{digest}`"


def _is_overwritten(path: str) -> bool:
    """Return whether a file is the report of the last run."""
    return path.startswith("reports/") and path.endswith(".json") and path.count("/") == 1


def _is_digest(digest: str) -> bool:
    return 16 <= len(digest) <= 64 and set(digest) <= set("0123456789abcdef")
