"""Read the files of a commit or of the index from Git's objects, without a checkout.

Only tracked files are in it. A submodule is an empty folder, as in a clone without submodules;
files outside a sparse checkout are included.
"""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlcharter.support import files, git, history
from mlcharter.support.history import Version

_SUBMODULE = 0o160000


def committed(folder: Path, ref: str, below: str = "") -> "GitTree":
    """Return the files below a folder in a commit; the folder may be a bare repository.

    `below` is a folder in it, with `/` at its end, which only the commit needs to have.
    """
    objects = git.Objects(folder)
    return GitTree(objects, objects.committed(ref, below), ref)


def staged(folder: Path) -> "GitTree":
    """Return the files below a folder in the index; a conflict is a UserError."""
    objects = git.Objects(folder)
    return GitTree(objects, objects.staged(), "HEAD")


class GitTree(files.Tree):
    """A tree that reads from Git's objects; `close` ends the process that reads them."""

    def __init__(self, objects: git.Objects, listed: list[git.Listed], ref: str) -> None:
        super().__init__()
        self._objects = objects
        self._ref = ref
        self._entries: dict[str, files.Entry] = {}
        self._names: dict[str, dict[str, int]] = {".": {}}
        for mode, name, path in listed:
            kind = stat.S_IFDIR if mode == _SUBMODULE else mode
            self._entries[path] = files.Entry(kind, name)
            files.list_place(self._names, path, stat.S_IFMT(kind))

    @property
    def paths(self) -> Iterable[str]:
        """The paths of all files, links and submodules."""
        return self._entries.keys()

    def look(self, place: str) -> files.Entry | None:
        folder = files.Entry(stat.S_IFDIR, "") if place in self._names else None
        return self._entries.get(place) or folder

    def read_link(self, place: str) -> str:
        return os.fsdecode(b"".join(self.read_pieces(place, files.MAX_SIZE)))

    def read_pieces(self, place: str, limit: int) -> Iterator[bytes]:
        if place not in self._entries:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        size = self._objects.request(str(self._entries[place].state))
        if size is None:
            raise OSError(errno.EIO, "its object is missing or damaged")
        if size > limit:
            raise files.TooLargeError
        yield from self._objects.content()

    def scan(self, place: str) -> Iterator[tuple[str, int]]:
        yield from self._names.get(place, {}).items()

    def find_versions(self, wanted: Iterable[Version]) -> tuple[dict[Version, bytes], bool]:
        return history.search(self._objects, self._ref, wanted)

    def close(self) -> None:
        self._objects.close()
