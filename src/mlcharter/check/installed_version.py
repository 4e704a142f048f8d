"""Compare the mlcharter of a repository's own environment with the version that it pins."""

import sys
from pathlib import Path

from mlcharter.support import versions
from mlcharter.support.files import Folder
from mlcharter.template import answers, bundled


def describe_difference(
    root: Path, prefix: str = sys.prefix, package: Path | None = None
) -> str | None:
    """Return how the installed version differs from `_commit`; None if it does not, or may not.

    `root` is a repository, `prefix` the environment that this program runs in. An environment
    elsewhere is not the repository's own, and a package that was built from a changed checkout
    names no version: neither is compared. `package` is the folder of this program.
    """
    if Path(prefix).absolute().parent != root.absolute():
        return None
    installed = bundled.read_build_version(package)
    pinned = answers.load(Folder(root)).commit
    if not installed or not pinned or installed == pinned:
        return None
    if installed.startswith(versions.described(pinned) or pinned):
        return None
    return (
        f"mlcharter {installed} is installed, but the answers name {pinned}; "
        "run `make setup` to install that"
    )
