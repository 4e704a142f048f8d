"""Where a relative link of a document leads in its repository."""

import posixpath
from functools import lru_cache

from mlcharter.charter.charter import Charter
from mlcharter.markdown.document import Document, Link


@lru_cache(maxsize=4096)
def is_external(target: str) -> bool:
    """Whether a target is an address and not a file."""
    return Link("", target, 1, 1).external


@lru_cache(maxsize=4096)  # several rules ask for every link
def target(document: str, link: str) -> str | None:
    """The path from the top of the repository that a link names; None outside the repository.

    A link that begins with `/` starts at the top, as on the hosts of repositories.
    """
    name = link.partition("#")[0].partition("?")[0]
    if "%" in name:
        from urllib.parse import unquote

        name = unquote(name)
    if not name:
        return document
    folder = "" if name.startswith("/") else posixpath.dirname(document)
    path = posixpath.normpath(posixpath.join(folder, name.lstrip("/")))
    return None if path == ".." or path.startswith("../") or "\0" in path else path


def from_top(charter: Charter, document: Document, link: str) -> str | None:
    """How to write a link that was written from the top of the repository, from its document.

    None where nothing is there either.
    """
    path = target("", link)
    if not path or not charter.exists(path):
        return None
    way = posixpath.relpath(path, posixpath.dirname(document.path) or ".")
    _, mark, fragment = link.partition("#")
    return f"{way}{mark}{fragment}"
