"""A relative link is broken: its file or heading does not exist.

Readers cannot follow it, and during an incident there is no time to search for the page.

Flagged:

    See the [runbook](../ops/gone.md).

Flagged:

    # Fraud watch: design

    See [when we stop](#when-we-stopped).

    ## When we stop

Flagged:

    # Fraud watch: design

    <a href="../ops/gone.md">Runbook</a>

Flagged:

    # Fraud watch: design

    - [x] `a-b` Checked. Evidence: [log](design_doc.md#gone)

Fine:

    # Fraud watch: design

    Labels arrive late.[^1] See line [10](design_doc.md?plain=1#L10-L20), or go [up](#top).

    [^1]: later

Fine:

    # Fraud watch: design

    See [when we stop](#when-we-stop).

    ## When we stop
"""

import re
from collections.abc import Iterator

from mlcharter.charter import link_targets
from mlcharter.charter.charter import Charter
from mlcharter.markdown import document as documents
from mlcharter.markdown.document import Document, Link
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding

LEVEL = "draft"
_Anchors = dict[str, frozenset[str] | None]

# Anchors that hosts add to those of headings: the top, lines of the source, footnotes.
_HOST_ANCHOR = re.compile(r"top|L\d+(C\d+)?(-L?\d+(C\d+)?)?|(user-content-)?fn(ref)?-.+")


def check(charter: Charter) -> Iterator[Finding]:
    anchors: _Anchors = {}
    for document in charter.documents:
        evidence = {(e.line, e.column) for item in document.items for e in item.evidence}
        for link in (*document.links, *document.html_links):
            if not link.external:
                # evidence-missing reports evidence whose file does not exist.
                is_evidence = (link.line, link.column) in evidence
                find_problem = _check_fragment if is_evidence else _check_target
                problem = find_problem(charter, document, link, anchors)
                if problem:
                    yield document.finding(link.line, problem, link.column)


def _check_target(
    charter: Charter, document: Document, link: Link, anchors: _Anchors
) -> str | None:
    """Return what is wrong with the path or the fragment of a link, or None."""
    path = link_targets.resolve(document.path, link.target)
    if path is None:
        return f"`{link.target}` is outside the repository; link a file inside"
    if charter.spec.is_left_out(path):
        return None
    if path != document.path and not charter.exists(path):
        corrected = link_targets.rewrite_from_root(charter, document, link.target)
        relative = f"links are relative to the document: write `{corrected}`"
        return f"`{link.target}` does not exist; {relative if corrected else 'correct it'}"
    return _check_fragment(charter, document, link, anchors)


def _check_fragment(
    charter: Charter, document: Document, link: Link, anchors: _Anchors
) -> str | None:
    """Return what is wrong with the fragment of a link, or None."""
    path = link_targets.resolve(document.path, link.target)
    fragment = link.fragment
    if path is None or not path.endswith(".md") or not fragment:
        return None
    if _HOST_ANCHOR.fullmatch(fragment):
        return None
    if path not in anchors:
        anchors[path] = _read_anchors(charter, path)
    known = anchors[path]
    if known is None or fragment.removeprefix("user-content-") in known:
        return None
    if _is_unmerged(charter, path) or fragment in _list_left_out_anchors(charter, path):
        return None
    return f"`{link.target}` names a heading that does not exist; correct it"


def _read_anchors(charter: Charter, path: str) -> frozenset[str] | None:
    """Return the anchors that links may name in a file; None if it cannot be read."""
    read: Document | Unreadable | None = charter.document(path)
    if read is None:
        data = charter.file(path)
        read = documents.decode(data, path) if isinstance(data, bytes) else None
    return read.anchors if isinstance(read, Document) else None


def _list_left_out_anchors(charter: Charter, path: str) -> frozenset[str]:
    """Return the anchors of the sections of a document that are not needed here."""
    sections = (
        section for spec in charter.spec.left_out if spec.path == path for section in spec.sections
    )
    return frozenset(
        documents.slug(charter.spec.fill_names(section.heading)) for section in sections
    )


def _is_unmerged(charter: Charter, path: str) -> bool:
    """Return whether document-not-merged reports the document, which has no sections yet."""
    return any(spec.path == path for spec in charter.spec.kept)
