"""Cache the result of a check until a file that it read changes.

Every access to a repository goes through a tree, which records it. A cached result is used only
for the same request, program and day, if every file and folder that was accessed is unchanged,
and every missing one is still missing.
"""

import os
import sys
import time
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Raw, Struct

from mlcharter import __version__
from mlcharter.support import files, writing
from mlcharter.support.files import Entry
from mlcharter.template.bundled import embedded_root
from mlcharter.template.fingerprint import fingerprint

if TYPE_CHECKING:
    from mlcharter.support.history import Version

T = TypeVar("T")
_MOST = 500  # results; then the folder is emptied
_LARGEST = 4 * 1024 * 1024
# Nanoseconds. Clocks of file systems are coarse: a file that changed just before the check could
# change again without a new time.
_RACY = 2 * 10**9


class CachedResult(Struct):
    """One cache file: the request, the state of every path that was read, and the result."""

    request: str
    states: dict[str, Entry | None]
    result: Raw


class RecordingFolder(files.Folder):
    """A folder that records the state of each path when it is first accessed."""

    def __init__(self, root: str | Path, states: dict[str, Entry | None]) -> None:
        super().__init__(root)
        self._states = states

    def look(self, place: str) -> Entry | None:
        return self._states.setdefault(f"{self.root}/{place}", super().look(place))

    def find_versions(self, wanted: "Iterable[Version]") -> "tuple[dict[Version, bytes], bool]":
        found, whole = super().find_versions(wanted)
        if found.keys() < set(wanted):
            self.record_history(".git/", whole)
        return found, whole

    def record_history(self, git_dir: str, whole: bool) -> None:
        """Record the files that name the commit at HEAD, and what is missing in its history.

        If Git could not read the `whole` history, no file tells when it can; nothing is cached.
        """
        head = self.read(f"{git_dir}HEAD", 4096)
        if not whole or not isinstance(head, bytes):
            self._states[f"{self.root}/{git_dir}"] = Entry(0, "a history that may grow")
            return
        ref = os.fsdecode(head).strip().removeprefix("ref: ")
        for name in (ref, "packed-refs", "reftable/tables.list", "shallow"):
            self.look(f"{git_dir}{name}")

    def outside(self, folder: Path) -> files.Tree:
        return RecordingFolder(folder, self._states)


def load_or_check(
    root: Path,
    request: object,
    folder: Path,
    check: Callable[[files.Folder], T],
    kind: type[T],
    most: int | None = None,
) -> T:
    """Return the result of `check` for a repository, from the cache in `folder` if it is valid.

    `request` is everything that the result depends on, except files; `kind` is the type of the
    result. Nothing is cached if the folder is inside the repository; a folder with `most` results,
    by default _MOST, is emptied first.
    """
    name = f"{zlib.crc32(f'{request}'.encode(errors='surrogateescape')):08x}.json"
    file = Path(os.path.realpath(folder), name)
    if file.is_relative_to(root):
        return check(files.Folder(root))
    key = repr((request, _program()))
    cached = _load(file)
    if cached is not None and cached.request == key and _is_unchanged(cached.states):
        try:
            return msgspec.json.decode(cached.result, type=kind)
        except msgspec.DecodeError:
            pass  # of a program with other results and the same version; it will be written again
    started = time.time_ns()
    states: dict[str, Entry | None] = {}
    result = check(RecordingFolder(root, states))
    found = [entry.state for entry in states.values() if entry is not None]
    if all(isinstance(state, tuple) and max(state[-2:]) < started - _RACY for state in found):
        _store(file, key, states, result, most or _MOST)
    return result


def _is_unchanged(states: dict[str, Entry | None]) -> bool:
    return all(files.look(place) == entry for place, entry in states.items())


@cache
def _program() -> tuple[object, ...]:
    """Return what identifies this version of the program and its dependencies."""
    installed = Path(msgspec.__file__).parents[1].stat()
    return __version__, fingerprint(embedded_root()), sys.version, installed.st_mtime_ns


def _load(file: Path) -> CachedResult | None:
    """Return the content of a cache file, if only this user can write it and it is complete."""
    try:
        mode = os.lstat(file)
        data = files.Folder(file.parent).read(file.name, _LARGEST)
        own = not hasattr(os, "geteuid") or (
            mode.st_uid == os.geteuid() and not mode.st_mode & 0o022
        )
        if own and isinstance(data, bytes) and data[:8] == _checksum(data[8:]):
            return msgspec.json.decode(data[8:], type=CachedResult)
    except (OSError, ValueError, RecursionError):
        pass  # it will be written again
    return None


def _store(
    file: Path, key: str, states: dict[str, Entry | None], result: object, most: int
) -> None:
    try:
        data = msgspec.json.encode(CachedResult(key, states, Raw(msgspec.json.encode(result))))
        if file.parent.is_dir() and len(os.listdir(file.parent)) >= most:  # noqa: PTH208
            writing.remove_files(file.parent, ".json")
    except (OSError, UnicodeEncodeError):
        return  # a name that is not text, or another process is emptying the folder
    writing.keep(file, _checksum(data) + data)


def _checksum(data: bytes) -> bytes:
    return b"%08x" % zlib.crc32(data)
