"""Evidence has changed since its digest was recorded.

The digest identifies the file that was reviewed. If what it says changes, somebody must review it
again and record the new digest. A change of layout is none: `check` finds the reviewed version in
the Git history and compares what both say, whatever their line breaks, quotes, widths of tables
and order of sections. Without that version in the history, as in a shallow clone, any change
counts, except of line endings. A report that each run overwrites always changes: freeze a copy.

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

from msgspec import Struct
from msgspec.structs import replace

from mlcharter.charter import link_targets
from mlcharter.charter.charter import Charter
from mlcharter.markdown.checklist import Evidence
from mlcharter.markdown.document import Document
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding

LEVEL = "release"
_MOST_FILES = 200  # whose history is searched
_MOST_COMPARED = 8 * 1024 * 1024  # bytes of both versions of all files


class _Changed(Struct, frozen=True):
    """A file whose `digest` is not the recorded one; `reviewed` is the version that has that."""

    path: str
    reviewed: tuple[str, str]
    digest: str


def check(charter: Charter) -> Iterator[Finding]:
    found = [
        (document.finding(evidence.line, f"the evidence of `{item.id}` ", evidence.column), problem)
        for document, item in charter.items
        for evidence in (item.evidence if item.id else ())
        if (problem := _find_problem(charter, document, evidence)) is not None
    ]
    changed = [problem for _, problem in found if isinstance(problem, _Changed)]
    messages = dict(_compare_all(charter, [*dict.fromkeys(changed)]))
    for finding, problem in found:
        message = messages[problem] if isinstance(problem, _Changed) else problem
        if message is not None:
            yield replace(finding, message=finding.message + message)


def _compare_all(
    charter: Charter, changed: list[_Changed]
) -> Iterator[tuple[_Changed, str | None]]:
    """Yield each changed file with what `_compare` returns; beyond the limits, all are stale."""
    wanted = [*dict.fromkeys(problem.reviewed for problem in changed)][:_MOST_FILES]
    versions, _ = charter.tree.find_versions(wanted) if wanted else ({}, True)
    left = _MOST_COMPARED
    for problem in changed:
        reviewed, now = versions.get(problem.reviewed), charter.file(problem.path)
        if reviewed is not None and isinstance(now, bytes):
            left -= len(reviewed) + len(now)
        yield problem, _compare(charter, problem, reviewed if left >= 0 else None)


def _find_problem(
    charter: Charter, document: Document, evidence: Evidence
) -> str | _Changed | None:
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
    return _Changed(path, (charter.tree.real(path), evidence.digest), digests.text[:16])


def _compare(charter: Charter, changed: _Changed, reviewed: bytes | None) -> str | None:
    """Return what changed since the review; None if the file says the same."""
    from mlcharter.charter import statements

    what = ""
    if reviewed is not None and isinstance(now := charter.file(changed.path), bytes):
        old, new = (statements.read(changed.path, data) for data in (reviewed, now))
        if old is not None and new is not None:
            if old == new:
                return None
            what = f": {statements.describe_change(old, new)}"
    digest = f"(sha256:{changed.digest})"
    message = f"has changed since its digest was recorded{what}; review it and write `{digest}`"
    if reviewed is None and charter.exists(".git/shallow"):
        message += ", or run `git fetch --unshallow` to see what changed"
    return message


def _is_overwritten(path: str) -> bool:
    """Return whether a file is the report of the last run."""
    return path.startswith("reports/") and path.endswith(".json") and path.count("/") == 1


def _is_digest(digest: str) -> bool:
    return 16 <= len(digest) <= 64 and set(digest) <= set("0123456789abcdef")
