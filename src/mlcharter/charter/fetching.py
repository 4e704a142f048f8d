"""Fetching the policy that a repository's own extends, by its pinned commit, into the cache.

Git runs in a new empty repository of ours, never in the one that is checked.
"""

import tempfile
from pathlib import Path

from mlcharter.charter import policy
from mlcharter.support import addresses, caching, git, reading
from mlcharter.support.errors import UserError
from mlcharter.template import admitting

_HINT = "look at `extends` in .mlcharter.yml, and whether its host is reachable from here"
_FOLDER = "use an https address, or a file of this repository"


def policy_of(root: Path) -> None:
    """Fetch what the policy at `root` extends; nothing to do where it extends no address."""
    source = policy.read(root).own.policy.extends
    pinned = policy.pinned(source or "")
    if source is None or pinned is None or policy.cache(source).is_file():
        return
    url, commit, path = pinned
    address = addresses.parse(addresses.without_secrets(url))
    if address.folder is not None:
        _refuse_folder(address.folder, root)
    name = f"{commit}:{path}"
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        here = Path(folder, "fetched.git")
        git.start(here)
        git.fetch(here, address, [f"{commit}:refs/heads/fetched"], "--depth=1")
        size = git.read(here, "cat-file", "-s", name) or "0"
        if int(size) > reading.MAX_SIZE:
            reason = f"is larger than {reading.MAX_SIZE} bytes"
            raise UserError(f"{path} in {address.name} {reason}", hint=_HINT)
        content = next(git.blobs(here, [name]))
    if content is None:
        raise UserError(f"{address.name} has no file {path} at {commit[:12]}", hint=_HINT)
    kept = policy.cache(source)
    caching.keep(kept, content)
    if not kept.is_file():
        raise UserError(
            f"the cache {kept.parent} can't be written",
            hint="set XDG_CACHE_HOME to a folder where you may write",
        )


def _refuse_folder(folder: Path, root: Path) -> None:
    try:
        admitting.refuse_place(folder, root)
        admitting.refuse_unknown(folder)
    except UserError as error:
        raise UserError(f"the policy can't be fetched: {error.message}", hint=_FOLDER) from error
