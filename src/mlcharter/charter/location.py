"""Find the repository of a path, and its branch, without running Git."""

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from mlcharter.support import files
from mlcharter.support.errors import UserError
from mlcharter.template import answers
from mlcharter.template.answers import ANSWERS, FILES

# Variables of CI hosts: the branch that a change will be merged into, then the one that is built.
_BRANCHES = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "GITHUB_REF_NAME",
    "CI_COMMIT_REF_NAME",
)


class Place(Struct, frozen=True):
    """A repository; with `within`, only findings in these files and folders are shown.

    With `change`, these are the files of a change, and findings in missing files are shown too.
    `prefix` is its path from the working directory: empty, or with `/` at its end.
    """

    root: Path
    prefix: str
    within: tuple[str, ...] = ()
    change: bool = False

    @property
    def whole(self) -> bool:
        """Whether the whole repository is selected."""
        return not self.within and not self.change

    def selects(self, path: str) -> bool:
        """Return whether a file of the repository is selected."""
        if self.whole or any(
            path == selected or path.startswith(f"{selected}/") for selected in self.within
        ):
            return True
        return self.change and not os.path.lexists(self.root / path)


def places(paths: Iterable[Path]) -> list[Place]:
    """Return the repositories of paths, each once, in the order of the paths."""
    found: dict[Path, list[str]] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise UserError(f"{path} does not exist", hint="name a repository, or a file in one")
        root, inner = _place(path)
        if root is None and not path.is_dir():
            raise UserError(
                f"no {ANSWERS} above {path}", hint="name a file of a repository with a charter"
            )
        root = root or path.resolve()
        if inner == ".":
            _refuse_empty(root, path)
        found.setdefault(root, []).append(inner)
    return [
        Place(root, _prefix(root), () if "." in within else tuple(within))
        for root, within in found.items()
    ]


def _refuse_empty(root: Path, shown: Path) -> None:
    """Refuse an empty folder; a repository whose files were deleted has findings instead."""
    with os.scandir(root) as entries:
        if all(entry.name == ".git" for entry in entries):
            raise UserError(
                f"{shown} is empty",
                hint=f"create a repository there with `mlcharter new {shlex.quote(str(shown))}`",
            )


def changed(paths: Iterable[Path]) -> list[Place]:
    """Return the repositories of the files that a change writes or deletes.

    A path of a repository itself selects only missing files; without paths, that is the repository
    of the working directory. Files without a charter are left out. A repository that lost its
    answers file does not count as part of another one.
    """
    from mlcharter.charter.settings import SETTINGS

    found: dict[Path, list[str]] = {}
    for path in paths:
        root, inner = _place(path)
        if _is_answers(path):
            root, inner = path.parent.resolve(), path.name
        here_or_gone = inner in FILES or any(
            os.path.lexists((root or path) / name) for name in (*FILES, SETTINGS)
        )
        if root is not None and here_or_gone:
            found.setdefault(root, []).append(inner)
    return [
        Place(root, _prefix(root), tuple(path for path in within if path != "."), change=True)
        for root, within in found.items()
    ]


def is_standard_alone(standard: Path, here: Path) -> bool:
    """Return whether a standard is to be checked by itself: `here` is no repository to check.

    That is a folder that is in no charter, and has no settings of one. A Git repository counts
    only if it has the standard, so that a repository which lost its answers is still checked.
    """
    from mlcharter.charter.settings import SETTINGS

    own = here / SETTINGS
    if own.exists() and not own.samefile(standard):
        return False
    for folder in (here, *here.parents):
        if any(os.path.lexists(folder / name) for name in FILES):
            return False
        if os.path.lexists(folder / ".git"):
            return standard.resolve().is_relative_to(folder)
    return True


def _is_answers(path: Path) -> bool:
    """Return whether a path of a change is the answers file of a charter, which may be deleted."""
    folder = path.parent
    if path.name not in FILES or not folder.is_dir():
        return False
    return answers.is_charter(files.Folder(folder)) or not os.path.lexists(path)


def _place(path: Path) -> tuple[Path | None, str]:
    """Return the repository's root and the path relative to it; the file may be deleted."""
    start = next(folder for folder in (path, *path.parents, Path()) if folder.is_dir())
    folder = start.resolve()
    root = _root(folder)
    return root, (folder / path.relative_to(start)).relative_to(root).as_posix() if root else "."


def find_root(folder: Path) -> Path | None:
    """Return the root of the repository that contains a folder; None if it has no charter."""
    root = _root(folder.resolve())
    return root if root and os.path.lexists(root / ANSWERS) else None


def _root(start: Path) -> Path | None:
    """Return the nearest folder with answers at or above `start`, up to a repository's root."""
    for folder in (start, *start.parents):
        if answers.is_charter(files.Folder(folder)):
            return folder
        if (folder / ".git").exists():
            return folder if folder == start else None
    return None


def find_above(folder: files.Folder) -> files.Above | None:
    """Return the Git repository above a folder; None if the folder is its top, or is in none."""
    root = Path(folder.root).resolve()
    top = next((each for each in (root, *root.parents) if os.path.lexists(each / ".git")), root)
    if top == root:
        return None
    return files.Above(folder.outside(top), f"{root.relative_to(top).as_posix()}/")


def _prefix(root: Path) -> str:
    """Return the prefix of a repository's files, relative to the working directory if below it."""
    here = Path.cwd().resolve()
    path = root.relative_to(here).as_posix() if root.is_relative_to(here) else root.as_posix()
    return "" if path == "." else f"{path}/"


def branch(tree: files.Tree) -> str | None:
    """Return the branch that a CI host sets, else the one in `.git/HEAD`."""
    for name in _BRANCHES:
        if os.environ.get(name):
            return os.environ[name]
    return current_branch(tree)


def current_branch(tree: files.Tree, head: str = ".git/HEAD") -> str | None:
    """Return the branch in the file HEAD of a repository; None if it is at a commit."""
    data = tree.read(head, 4096)
    if not isinstance(data, bytes) or not data.startswith(b"ref: refs/heads/"):
        return None
    return data[16:].decode(errors="replace").strip()
