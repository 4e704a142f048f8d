"""Fetch the standard that a repository's settings extend, at its pinned commit, into the cache.

Git runs in a new empty repository, never in the one that is checked.
"""

import tempfile
from pathlib import Path

from mlcharter.charter import settings
from mlcharter.support import addresses, files, git, writing
from mlcharter.support.errors import UserError
from mlcharter.template import allowed_folders

_HINT = "check `extends` in .mlcharter.yml, and whether its host is reachable from here"
_FOLDER = "use an https address, or a file of this repository"


def fetch(root: Path) -> None:
    """Fetch the standard that the settings at `root` extend; do nothing if it is no address."""
    source = settings.read(files.Folder(root)).own.settings.extends
    pinned = settings.pinned(source or "")
    if source is None or pinned is None or settings.cache(source).is_file():
        return
    url, commit, path = pinned
    address = addresses.parse(addresses.without_secrets(url))
    if address.folder is not None:
        _refuse_folder(address.folder, root)
    name = f"{commit}:{path}"
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        mirror = Path(folder, "fetched.git")
        git.init(mirror)
        git.fetch(mirror, address, [f"{commit}:refs/heads/fetched"], "--depth=1")
        size = git.read(mirror, "cat-file", "-s", name) or "0"
        if int(size) > files.MAX_SIZE:
            reason = f"is larger than {files.MAX_SIZE} bytes"
            raise UserError(f"{path} in {address.name} {reason}", hint=_HINT)
        content = next(git.blobs(mirror, [name]))
    if content is None:
        raise UserError(f"{address.name} has no file {path} at {commit[:12]}", hint=_HINT)
    cached = settings.cache(source)
    writing.keep(cached, content)
    if not cached.is_file():
        raise UserError(
            f"the cache {cached.parent} can't be written",
            hint="set XDG_CACHE_HOME to a writable folder",
        )


def _refuse_folder(folder: Path, root: Path) -> None:
    try:
        allowed_folders.refuse_place(folder, root)
        allowed_folders.refuse_unknown(folder)
    except UserError as error:
        raise UserError(f"the standard can't be fetched: {error.message}", hint=_FOLDER) from error
