"""A relative link leads nowhere: the file or the heading is not there.

At night nobody has the time to guess where a page went.

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

# What hosts add to a page beside its headings: its top, lines of its source, footnotes.
_ADDED = re.compile(r"top|L\d+(C\d+)?(-L?\d+(C\d+)?)?|(user-content-)?fn(ref)?-.+")


def check(charter: Charter) -> Iterator[Finding]:
    anchors: _Anchors = {}
    for document in charter.documents:
        proofs = {(proof.line, proof.column) for item in document.items for proof in item.evidence}
        for link in (*document.links, *document.html_links):
            if not link.external:
                # Whether the file of a proof is there, evidence-missing says.
                proof = (link.line, link.column) in proofs
                problem = (_lost if proof else _wrong)(charter, document, link, anchors)
                if problem:
                    yield document.finding(link.line, problem, link.column)


def _wrong(charter: Charter, document: Document, link: Link, anchors: _Anchors) -> str | None:
    path = link_targets.resolve(document.path, link.target)
    if path is None:
        return f"`{link.target}` leads out of the repository; link something inside"
    if path != document.path and not charter.exists(path):
        way = link_targets.rewrite_from_root(charter, document, link.target)
        remedy = f"links begin at the document: write `{way}`" if way else "correct it"
        return f"`{link.target}` leads nowhere; {remedy}"
    return _lost(charter, document, link, anchors)


def _lost(charter: Charter, document: Document, link: Link, anchors: _Anchors) -> str | None:
    """What is wrong with the fragment of a link."""
    path = link_targets.resolve(document.path, link.target)
    fragment = link.fragment
    if path is None or not path.endswith(".md") or not fragment or _ADDED.fullmatch(fragment):
        return None
    if path not in anchors:
        anchors[path] = _anchors(charter, path)
    known = anchors[path]
    if known is None or fragment.removeprefix("user-content-") in known:
        return None
    if _left_to_others(charter, path):
        return None
    return f"`{link.target}` names a heading that is not there; correct it"


def _anchors(charter: Charter, path: str) -> frozenset[str] | None:
    """What links may name in a file, None where it can't be read."""
    read: Document | Unreadable | None = charter.document(path)
    if read is None:
        data = charter.file(path)
        read = documents.decode(data, path) if isinstance(data, bytes) else None
    return read.anchors if isinstance(read, Document) else None


def _left_to_others(charter: Charter, path: str) -> bool:
    """Whether a document never got the template's sections, which document-not-merged says."""
    return any(demand.path == path for demand in charter.spec.kept)
