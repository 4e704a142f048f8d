"""Which repository a path belongs to, and which branch it is on; no Git command runs."""

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mlcharter.support import files
from mlcharter.support.errors import UserError
from mlcharter.template import answers
from mlcharter.template.answers import ANSWERS, FILES

# What hosts call the branch that a change goes to, then the one that is built.
_BRANCHES = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "GITHUB_REF_NAME",
    "CI_COMMIT_REF_NAME",
)


class Place(Struct, frozen=True):
    """A repository; with `within`, only findings in these files and folders are shown.

    With `change`, these are what a change touches, and what is gone is shown beside it.
    `prefix` leads from the working directory to it: empty, or with `/` at its end.
    """

    root: Path
    prefix: str
    within: tuple[str, ...] = ()
    change: bool = False

    @property
    def whole(self) -> bool:
        """Whether all of the repository is asked for."""
        return not self.within and not self.change

    def asks(self, path: str) -> bool:
        """Whether a file of the repository is asked for."""
        if self.whole or any(
            path == asked or path.startswith(f"{asked}/") for asked in self.within
        ):
            return True
        return self.change and not os.path.lexists(self.root / path)


def places(paths: Iterable[Path]) -> list[Place]:
    """The repositories of some paths, each once, in the order in which they come."""
    found: dict[Path, Place] = {}
    whole: set[Path] = set()
    here = Path.cwd().resolve()
    for path in paths:
        if not os.path.lexists(path):
            raise UserError(f"there is no {path}", hint="name a repository, or a file in one")
        root, inner = _place(path)
        if root is None and not path.is_dir():
            raise UserError(f"no {ANSWERS} above {path}", hint="name a file of a charter")
        if root is None or inner == ".":
            _refuse_empty(root or path.resolve(), path)
        _add(found, root or path.resolve(), inner, here)
        if root is None or inner == ".":
            whole.add(root or path.resolve())
    return [replace(place, within=()) if root in whole else place for root, place in found.items()]


def _refuse_empty(root: Path, shown: Path) -> None:
    """Refuse a folder in which there is nothing to check; one that lost its files has findings."""
    with os.scandir(root) as entries:
        if all(entry.name == ".git" for entry in entries):
            raise UserError(
                f"{shown} is empty",
                hint=f"make a repository there with `mlcharter new {shlex.quote(str(shown))}`",
            )


def changed(paths: Iterable[Path]) -> list[Place]:
    """The repositories that a change touches, by the files that it writes or deletes.

    A repository itself stands for what is gone from it; the one round the working directory, where
    no path is named. Files that belong to no charter are left out; one that lost its answers is
    no other.
    """
    from mlcharter.charter.settings import SETTINGS

    found: dict[Path, Place] = {}
    here = Path.cwd().resolve()
    for path in paths:
        root, inner = _place(path)
        if _is_answers(path):
            root, inner = path.parent.resolve(), path.name
        here_or_gone = inner in FILES or any(
            os.path.lexists((root or path) / name) for name in (*FILES, SETTINGS)
        )
        if root is not None and here_or_gone:
            _add(found, root, inner, here)
    return [
        replace(place, within=tuple(path for path in place.within if path != "."), change=True)
        for place in found.values()
    ]


def _is_answers(path: Path) -> bool:
    """Whether a path that a change names is a charter's answers file, which may be gone."""
    folder = path.parent
    if path.name not in FILES or not folder.is_dir():
        return False
    return answers.is_charter(files.Folder(folder)) or not os.path.lexists(path)


def _place(path: Path) -> tuple[Path | None, str]:
    """The root of the repository of a path, which may be gone, and the way from there to it."""
    start = next(folder for folder in (path, *path.parents, Path()) if folder.is_dir())
    folder = start.resolve()
    root = _root(folder)
    return root, (folder / path.relative_to(start)).relative_to(root).as_posix() if root else "."


def _add(found: dict[Path, Place], root: Path, inner: str, here: Path) -> None:
    place = found.get(root) or Place(root, _prefix(root, here))
    found[root] = replace(place, within=(*place.within, inner))


def above(folder: Path) -> Path | None:
    """The root of the repository that a folder is in; None where it has no charter."""
    root = _root(folder.resolve())
    return root if root and os.path.lexists(root / ANSWERS) else None


def _root(start: Path) -> Path | None:
    """The nearest folder at or above `start` with answers, but not beyond a repository's top."""
    for folder in (start, *start.parents):
        if answers.is_charter(files.Folder(folder)):
            return folder
        if (folder / ".git").exists():
            return folder if folder == start else None
    return None


def _prefix(root: Path, here: Path) -> str:
    """How the files of a repository are named: from the working directory where it lies below."""
    way = root.relative_to(here).as_posix() if root.is_relative_to(here) else root.as_posix()
    return "" if way == "." else f"{way}/"


def branch(tree: files.Tree) -> str | None:
    """Return the branch that a host says, else the one that `.git/HEAD` names."""
    for name in _BRANCHES:
        if os.environ.get(name):
            return os.environ[name]
    head = tree.read(".git/HEAD", 4096)
    if not isinstance(head, bytes) or not head.startswith(b"ref: refs/heads/"):
        return None
    return head[16:].decode(errors="replace").strip()
