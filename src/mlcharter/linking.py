"""Where a relative link of a document leads in its repository."""

import posixpath
from functools import lru_cache

from mlcharter.document import Link


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
