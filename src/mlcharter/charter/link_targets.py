"""Resolve the relative links of a document in its repository."""

import posixpath
from functools import lru_cache

from mlcharter.charter.charter import Charter
from mlcharter.markdown.document import Document, Link


@lru_cache(maxsize=4096)
def is_external(resolve: str) -> bool:
    """Return whether a target is an address, not a file."""
    return Link("", resolve, 1, 1).external


@lru_cache(maxsize=4096)  # several rules resolve every link
def resolve(document: str, link: str) -> str | None:
    """Return the target of a link, relative to the repository's root; None if it is outside.

    A link that begins with `/` starts at the root, as on GitHub and GitLab.
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


def rewrite_from_root(charter: Charter, document: Document, link: str) -> str | None:
    """Return a link that was written relative to the root, rewritten relative to its document.

    None if it does not exist relative to the root either.
    """
    path = resolve("", link)
    if not path or not charter.exists(path):
        return None
    relative = posixpath.relpath(path, posixpath.dirname(document.path) or ".")
    _, mark, fragment = link.partition("#")
    return f"{relative}{mark}{fragment}"
