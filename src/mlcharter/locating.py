"""Which repository a path belongs to, and which branch it is on; no Git command runs."""

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mlcharter import reading
from mlcharter.answers import ANSWERS
from mlcharter.errors import UserError
from mlcharter.judged import Result

# What hosts call the branch that a change goes to, then the one that is built.
_BRANCHES = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "GITHUB_REF_NAME",
    "CI_COMMIT_REF_NAME",
)


class Place(Struct, frozen=True):
    """A repository; with `within`, only findings in these files and folders are shown.

    `prefix` leads from the working directory to it: empty, or with `/` at its end.
    """

    root: Path
    prefix: str
    within: tuple[str, ...] = ()

    def narrowed(self, result: Result) -> Result:
        """A result with the findings that are asked for."""
        if not self.within:
            return result
        kept = tuple(
            judged
            for judged in result.judged
            if any(
                judged.finding.path == path or judged.finding.path.startswith(f"{path}/")
                for path in self.within
            )
        )
        return replace(result, judged=kept)


def places(paths: Iterable[Path]) -> list[Place]:
    """The repositories of some paths, each once, in the order in which they come."""
    found: dict[Path, Place] = {}
    whole: set[Path] = set()
    here = Path.cwd().resolve()
    for path in paths:
        if not os.path.lexists(path):
            raise UserError(f"there is no {path}", hint="name a repository, or a file in one")
        name = "" if path.is_dir() else path.name
        start = (path.parent if name else path).resolve()
        root = _root(start)
        if root is None and name:
            raise UserError(f"no {ANSWERS} above {path}", hint="name a file of a charter")
        root = root or start
        place = found.setdefault(root, Place(root, _prefix(root, here)))
        inner = (start / name).relative_to(root)
        if inner == Path():
            whole.add(root)
        found[root] = replace(place, within=(*place.within, inner.as_posix()))
    return [replace(place, within=()) if root in whole else place for root, place in found.items()]


def _root(start: Path) -> Path | None:
    """The nearest folder at or above `start` with answers, but not beyond a repository's top."""
    for folder in (start, *start.parents):
        if (folder / ANSWERS).is_file():
            return folder
        if (folder / ".git").exists():
            return folder if folder == start else None
    return None


def _prefix(root: Path, here: Path) -> str:
    """How the files of a repository are named: from the working directory where it lies below."""
    way = root.relative_to(here).as_posix() if root.is_relative_to(here) else root.as_posix()
    return "" if way == "." else f"{way}/"


def branch(root: Path) -> str | None:
    """The branch that a host says, else the one that `.git/HEAD` names."""
    for name in _BRANCHES:
        if os.environ.get(name):
            return os.environ[name]
    head = reading.read_bytes(".git/HEAD", root, 4096)
    if not isinstance(head, bytes) or not head.startswith(b"ref: refs/heads/"):
        return None
    return head[16:].decode(errors="replace").strip()
