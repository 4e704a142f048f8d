"""A relative link leads nowhere: the file or the heading is not there.

At night nobody has the time to guess where a page went.

Flagged:

    See the [runbook](../ops/gone.md).

Flagged:

    # Fraud watch: design

    See [when we stop](#when-we-stopped).

    ## When we stop

Fine:

    # Fraud watch: design

    See [when we stop](#when-we-stop).

    ## When we stop
"""

from collections.abc import Iterator

from mlcharter import document as documents
from mlcharter import linking
from mlcharter.charter import Charter
from mlcharter.document import Document, Link
from mlcharter.finding import Finding
from mlcharter.reading import Unreadable

LEVEL = "draft"
_Anchors = dict[str, frozenset[str] | None]


def check(charter: Charter) -> Iterator[Finding]:
    anchors: _Anchors = {}
    for document in charter.documents:
        proofs = {(proof.line, proof.column) for item in document.items for proof in item.evidence}
        for link in document.links:
            if not link.external and (link.line, link.column) not in proofs:
                problem = _wrong(charter, document, link, anchors)
                if problem:
                    yield document.finding(link.line, problem, link.column)


def _wrong(charter: Charter, document: Document, link: Link, anchors: _Anchors) -> str | None:
    path = linking.target(document.path, link.target)
    if path is None:
        return f"`{link.target}` leads out of the repository; link something inside"
    if path != document.path and not charter.exists(path):
        way = linking.from_top(charter, document, link.target)
        remedy = f"links begin at the document: write `{way}`" if way else "correct it"
        return f"`{link.target}` leads nowhere; {remedy}"
    if not link.fragment or not path.endswith(".md"):
        return None
    if path not in anchors:
        anchors[path] = _anchors(charter, path)
    known = anchors[path]
    if known is None or link.fragment in known or _left_to_others(charter, path):
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
    """Whether a document never got the template's sections, which document-kept says."""
    return any(demand.path == path for demand in charter.demands.kept)
