"""What a check found, remembered for this user while nothing has changed that it looked at.

Every look at a repository goes through a tree, which records it. A result is given again
only to the same question, by the same program, on the same day, while every file and folder that
was looked at is as it was, and what was not there is still not there.
"""

import os
import sys
import time
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from mlcharter import __version__
from mlcharter.check.result import Result
from mlcharter.support import files, user_cache, writing
from mlcharter.support.files import Entry
from mlcharter.template.bundled import embedded_root
from mlcharter.template.fingerprint import fingerprint

_MOST = 500  # results; beyond that the folder is emptied
_LARGEST = 4 * 1024 * 1024
# Clocks of file systems are coarse: what was changed so shortly before could change unseen.
_RACY = 2 * 10**9


class Kept(Struct):
    """One file: what was asked, what was looked at and how it was, and what was found."""

    question: str
    seen: dict[str, Entry | None]
    result: Result


class Watched(files.Folder):
    """A folder that records what is looked at in it: how each place was at the first look."""

    def __init__(self, root: str | Path, seen: dict[str, Entry | None]) -> None:
        super().__init__(root)
        self._seen = seen

    def look(self, place: str) -> Entry | None:
        return self._seen.setdefault(f"{self.root}/{place}", super().look(place))

    def outside(self, folder: Path) -> files.Tree:
        return Watched(folder, self._seen)


def remembered(
    root: Path, question: Struct, folder: Path, check: Callable[[files.Folder], Result]
) -> Result:
    """What `check` gives for the repository at `root`, from `folder` where nothing has changed.

    `question` is everything but files that the result depends on. Nothing is remembered of a
    repository that the folder lies in.
    """
    name = f"{zlib.crc32(f'{question}'.encode(errors='surrogateescape')):08x}.json"
    file = Path(os.path.realpath(folder), name)
    if file.is_relative_to(root):
        return check(files.Folder(root))
    asked = repr((question, _program()))
    kept = _load(file)
    if kept is not None and kept.question == asked and _holds(kept.seen):
        return kept.result
    begun = time.time_ns()
    seen: dict[str, Entry | None] = {}
    result = check(Watched(root, seen))
    states = [entry.state for entry in seen.values() if entry is not None]
    if all(isinstance(state, tuple) and max(state[-2:]) < begun - _RACY for state in states):
        _store(file, Kept(asked, seen, result))
    return result


def _holds(seen: dict[str, Entry | None]) -> bool:
    return all(files.look(place) == entry for place, entry in seen.items())


@cache
def _program() -> tuple[object, ...]:
    """What tells this program, with what it is made of, from any other."""
    installed = Path(msgspec.__file__).parents[1].stat()
    return __version__, fingerprint(embedded_root()), sys.version, installed.st_mtime_ns


def _load(file: Path) -> Kept | None:
    """What is in a file, where it is this user's alone and whole."""
    try:
        mode = os.lstat(file)
        data = files.Folder(file.parent).read(file.name, _LARGEST)
        own = not hasattr(os, "geteuid") or (
            mode.st_uid == os.geteuid() and not mode.st_mode & 0o022
        )
        if own and isinstance(data, bytes) and data[:8] == _sum(data[8:]):
            return msgspec.json.decode(data[8:], type=Kept)
    except (OSError, ValueError, RecursionError):
        pass  # it is written anew
    return None


def _store(file: Path, kept: Kept) -> None:
    try:
        data = msgspec.json.encode(kept)
        if file.parent.is_dir() and len(os.listdir(file.parent)) >= _MOST:  # noqa: PTH208
            writing.empty(file.parent, ".json")
    except (OSError, UnicodeEncodeError):
        return  # a name that is no text, or a folder that others empty
    user_cache.keep(file, _sum(data) + data)


def _sum(data: bytes) -> bytes:
    return b"%08x" % zlib.crc32(data)
