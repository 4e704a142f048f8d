"""Read the files of an untrusted repository.

A `Tree` is a read-only view of a repository: of a folder on disk (`Folder`), of a commit or the
index (`objects`), or of another tree with some files replaced (`Overlay`). Each kind implements
how one place is read. Paths, refusals and messages are the same for all of them.

A path is relative to the root of the tree, has `/` as separator, and cannot leave the tree.
Links are followed inside the tree; an absolute link counts as outside, since it would lead
elsewhere in another clone. A tree caches what it has read: after a change, make a new one.
"""

import errno
import os
import stat
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from mlcharter.support.errors import UserError

if TYPE_CHECKING:
    from mlcharter.support.hashing import Digests
    from mlcharter.support.history import Version

MAX_SIZE = 1024 * 1024
LARGEST = 64 * 1024 * 1024  # of a file that an update may replace
PIECE = 1024 * 1024
_LONGEST_PATH = 4096  # bytes; the limit of Linux
_LONGEST_NAME = 255
_MOST_LINKS = 40  # on the way to one file, as on Linux


class Unreadable(Struct, frozen=True):
    """A file that cannot be read, and why; `line` is 1 when the whole file is meant."""

    path: str
    line: int
    message: str


class Entry(Struct, frozen=True, array_like=True):
    """A file, folder or link at a place; a link itself, not its target.

    `mode` is that of `stat`; `state` differs when the file has changed.
    """

    mode: int
    state: tuple[int, int, int, int] | str

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


class TooLargeError(Exception):
    """A file is larger than its limit."""


class _NotRegularError(Exception):
    """A place has a folder, a pipe, a device or a link."""


class Above(NamedTuple):
    """The repository above a tree, and the path of the tree in it, with `/` at its end."""

    tree: "Tree"
    prefix: str


class Tree(ABC):
    """A read-only view of the files of a repository.

    Each kind of tree implements `look`, `read_link`, `read_pieces` and `scan`. They take a place:
    a path from the root without `..`, in which only the last part may be a link; `.` is the root.
    """

    def __init__(self) -> None:
        self.above: Above | None = None  # where hosts look for files, if it is not here
        self._looks: dict[str, Entry | None] = {}
        self._places: dict[str, str | None] = {}
        self._digests: dict[tuple[str, int], Digests] = {}

    @abstractmethod
    def look(self, place: str) -> Entry | None:
        """Return the entry at a place; None if there is none."""

    @abstractmethod
    def read_link(self, place: str) -> str:
        """Return the target of the link at a place."""

    @abstractmethod
    def read_pieces(self, place: str, limit: int) -> Iterator[bytes]:
        """Yield the content of the regular file at a place.

        Raises OSError if it can't be read, and TooLargeError if it has more than `limit` bytes.
        """

    @abstractmethod
    def scan(self, place: str) -> Iterator[tuple[str, int]]:
        """Yield each name in the folder at a place, with its `stat.S_IFMT`."""

    def find_versions(self, wanted: "Iterable[Version]") -> "tuple[dict[Version, bytes], bool]":
        """Return the content of each version that is in the Git history of its file.

        None is found outside Git, in a file that was renamed since, or beyond a limit. The second
        value is whether Git could read the whole history that is here; see `history.search`.
        """
        return {}, True

    def outside(self, folder: Path) -> "Tree":
        """Return the tree of a folder outside this one, such as an organisation's."""
        return Folder(folder)

    def close(self) -> None:  # noqa: B027 (most trees have nothing to close)
        """End the process that reads the files, if there is one; the next read starts it again."""

    # Reading

    def read(self, path: str, limit: int = MAX_SIZE) -> bytes | Unreadable:
        """Return the bytes of a regular file, up to `limit`.

        It never waits for a pipe or opens a device.
        """
        pieces: list[bytes] = []
        return self._feed(path, limit, pieces.append) or b"".join(pieces)

    def digests(self, path: str, limit: int = sys.maxsize) -> "Digests | Unreadable":
        """Return the digests of a regular file, see `hashing`.

        A file with several links to it is read once.
        """
        key = self.real(path), limit
        if key not in self._digests:
            from mlcharter.support.hashing import Hasher

            hasher = Hasher()
            if (refused := self._feed(path, limit, hasher.update)) is not None:
                return refused
            self._digests[key] = hasher.digests()
        return self._digests[key]

    def _feed(self, path: str, limit: int, take: Callable[[bytes], object]) -> Unreadable | None:
        """Pass the bytes of a file to `take`, in pieces; return why it is unreadable, else None."""
        try:
            place = self.resolve(path)
            if place is None:
                return Unreadable(path, 1, "lies outside the repository; keep a copy inside")
            entry = self._look(place)
            if entry is not None and not entry.is_file:
                raise _NotRegularError
            for piece in self.read_pieces(place, limit):
                take(piece)
        except TooLargeError:
            return Unreadable(path, 1, f"is larger than {limit} bytes; split it")
        except _NotRegularError:
            return Unreadable(path, 1, "is not a regular file; replace it with one")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            return Unreadable(path, 1, f"can't be read: {(reason or 'bad path').lower()}")
        return None

    # Looking

    def find(self, path: str) -> Entry | None:
        """Return the entry that a path leads to; None if there is none, or it leaves the tree."""
        try:
            place = self.resolve(path)
        except (OSError, ValueError):
            return None  # a ValueError: no file can have such a name
        return None if place is None else self._look(place)

    def exists(self, path: str) -> bool:
        """Return whether a path leads to a file or folder in the tree."""
        return self.find(path) is not None

    def lexists(self, path: str) -> bool:
        """Return whether anything is at a path, even a link that is broken or leaves the tree.

        A path outside the tree is not looked at, and counts as existing.
        """
        folder, slash, name = path.rpartition("/")
        last = name in ("", ".", "..")  # a link cannot have these names
        try:
            place = self.resolve(path if last else folder or slash or ".")
        except (OSError, ValueError):
            return False
        return place is None or self._look(place if last else _join(place, name)) is not None

    def is_file(self, path: str) -> bool:
        """Return whether a path leads to a regular file in the tree."""
        entry = self.find(path)
        return entry is not None and entry.is_file

    def is_folder(self, path: str) -> bool:
        """Return whether a path leads to a folder in the tree."""
        entry = self.find(path)
        return entry is not None and entry.is_folder

    def leads_out(self, path: str) -> bool:
        """Return whether a path leaves the tree; on disk, whether it leads to a file outside."""
        try:
            return self.resolve(path) is None
        except (OSError, ValueError):
            return False

    def list_folder(self, path: str) -> Iterator[tuple[str, int]]:
        """Yield each name in a folder, with its `stat.S_IFMT`; nothing if there is no folder."""
        if self.is_folder(path):
            yield from self.scan(self.real(path))

    def walk(self, folder: str, most: int) -> Iterator[str]:
        """Yield the files in a folder and below it, `""` for all; about `most` of them at most.

        The limit ends a walk through links that lead back.
        """
        folders, count = [folder], 0
        while folders and count < most:
            inside = folders.pop()
            for name, _ in islice(self.list_folder(inside), most):
                path = f"{inside}/{name}".lstrip("/")
                if self.is_folder(path):
                    folders.append(path)
                else:
                    count += 1
                    yield path

    def real(self, path: str) -> str:
        """Return the place that a path leads to; the path itself if that fails or is outside."""
        try:
            return self.resolve(path) or path
        except (OSError, ValueError):
            return path

    def resolve(self, path: str) -> str | None:
        """Return the place that a path leads to, existing or not; None if it leaves the tree.

        Raises OSError or ValueError for an invalid path, as opening it would.
        """
        if path not in self._places:
            self._places[path] = self._walk(path)
        return self._places[path]

    def _walk(self, path: str) -> str | None:
        if path.startswith("/"):
            return None
        here = ""
        rest = _parts(path)
        links = 0
        while rest:
            part = rest.pop()
            if part == "..":
                if not here:
                    return None
                here = here.rpartition("/")[0]
            elif part not in ("", "."):
                place = f"{here}/{part}" if here else part
                entry = self._look(place)
                if entry is None:
                    return _beyond(place, rest)
                if stat.S_ISLNK(entry.mode):
                    links += 1
                    target = self.read_link(place)
                    if target.startswith("/"):
                        return None
                    if links > _MOST_LINKS:
                        raise _error(errno.ELOOP)
                    rest += _parts(target)
                    continue
                if rest and not entry.is_folder:
                    raise _error(errno.ENOTDIR)
                here = place
        return here or "."

    def _look(self, place: str) -> Entry | None:
        if place not in self._looks:
            self._looks[place] = self.look(place)
        return self._looks[place]


def _parts(path: str) -> list[str]:
    """Return the parts of a path, the last one first; raise for a name that no file can have."""
    if "\0" in path:
        raise ValueError("a path has a NUL in it")
    if len(path) > _LONGEST_NAME or not path.isascii():
        sizes = [len(part) for part in os.fsencode(path).split(b"/")]
        if max(sizes) > _LONGEST_NAME or sum(sizes) + len(sizes) > _LONGEST_PATH:
            raise _error(errno.ENAMETOOLONG)
    return path.split("/")[::-1]


def _beyond(place: str, rest: list[str]) -> str:
    """Return the place of a path that does not exist from `place` on."""
    if ".." in rest:
        raise _error(errno.ENOENT)
    return "/".join((place, *(part for part in reversed(rest) if part not in ("", "."))))


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _join(place: str, name: str) -> str:
    return name if place == "." else f"{place}/{name}"


# A folder on disk


class Folder(Tree):
    """The files of a folder on disk, tracked by Git or not."""

    def __init__(self, root: str | Path) -> None:
        super().__init__()
        self.root = str(root)

    def __repr__(self) -> str:
        return f"Folder({self.root!r})"

    def look(self, place: str) -> Entry | None:
        return look(f"{self.root}/{place}")

    def read_link(self, place: str) -> str:
        return os.readlink(f"{self.root}/{place}")  # noqa: PTH115

    def read_pieces(self, place: str, limit: int) -> Iterator[bytes]:
        return _pieces(f"{self.root}/{place}", limit)

    def find_versions(self, wanted: "Iterable[Version]") -> "tuple[dict[Version, bytes], bool]":
        from mlcharter.support import git, history

        try:
            opened = git.Objects(Path(self.root))
        except UserError:
            return {}, False  # not in Git, or in a repository that Git refuses
        try:
            return history.search(opened, "HEAD", wanted)
        finally:
            opened.close()

    def leads_out(self, path: str) -> bool:
        return super().leads_out(path) and os.path.isfile(f"{self.root}/{path}")  # noqa: PTH113

    def scan(self, place: str) -> Iterator[tuple[str, int]]:
        with os.scandir(f"{self.root}/{place}") as entries:
            for entry in entries:
                yield entry.name, _kind(entry)


def look(place: str) -> Entry | None:
    """Return the entry at a path on disk; None if there is none."""
    try:
        status = os.lstat(place)
    except (OSError, ValueError):
        return None
    state = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return Entry(status.st_mode, state)


def whole(place: Path, limit: int = 0) -> bytes:
    """Return the bytes of a regular file that is not a link, up to `limit` or LARGEST bytes.

    Raises UserError for a larger file, or one of another kind; an OSError is passed on.
    """
    limit = limit or LARGEST
    try:
        return b"".join(_pieces(str(place), limit))
    except _NotRegularError:
        hint = "replace it with one, or remove it"
        raise UserError(f"{place} is not a regular file", hint=hint) from None
    except TooLargeError:
        message = f"{place} is larger than {limit} bytes"
        raise UserError(message, hint="reduce its size") from None


def stays_inside(link: Path, root: Path) -> bool:
    """Return whether a link on disk is relative, and leads to a place below a resolved folder."""
    try:
        return not link.readlink().is_absolute() and link.resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _kind(entry: os.DirEntry[str]) -> int:
    if entry.is_symlink():
        return stat.S_IFLNK
    if entry.is_dir(follow_symlinks=False):
        return stat.S_IFDIR
    return stat.S_IFREG if entry.is_file(follow_symlinks=False) else 0


_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY", "O_NOCTTY"):
    _FLAGS |= getattr(os, _name, 0)  # some systems lack some of them


def _pieces(place: str, limit: int) -> Iterator[bytes]:
    number = os.open(place, _FLAGS)
    try:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            raise _NotRegularError
        left = limit if status.st_size <= limit else -1
        while left >= 0 and (piece := os.read(number, min(left + 1, PIECE))):
            left -= len(piece)
            yield piece
        if left < 0:
            raise TooLargeError
    finally:
        os.close(number)


def list_place(folders: dict[str, dict[str, int]], place: str, kind: int) -> None:
    """Add a place to the names in its folder, and each new folder to its parent's."""
    known = False
    while place != "." and not known:
        folder, _, name = place.rpartition("/")
        place = folder or "."
        known = place in folders
        folders.setdefault(place, {})[name] = kind
        kind = stat.S_IFDIR


# Unsaved text


class Overlay(Tree):
    """Another tree in which some files are replaced, or deleted where the content is None.

    As on disk, writing to a link changes its target, and deleting a link keeps its target.
    """

    def __init__(self, below: Tree, contents: Mapping[str, bytes | None]) -> None:
        super().__init__()
        self.above = below.above
        self.below = below
        self._contents = {_changed_place(below, path, new): new for path, new in contents.items()}
        self._folders: dict[str, dict[str, int]] = {}
        for place, content in self._contents.items():
            if content is not None:
                list_place(self._folders, place, stat.S_IFREG)

    def look(self, place: str) -> Entry | None:
        if place in self._contents:
            content = self._contents[place]
            return None if content is None else Entry(stat.S_IFREG | 0o644, _digest(content))
        entry = self.below.look(place)
        if place in self._folders and (entry is None or not entry.is_folder):
            return Entry(stat.S_IFDIR | 0o755, "")
        return entry

    def read_link(self, place: str) -> str:
        return self.below.read_link(place)

    def read_pieces(self, place: str, limit: int) -> Iterator[bytes]:
        if place not in self._contents:
            yield from self.below.read_pieces(place, limit)
        elif (content := self._contents[place]) is None:
            raise _error(errno.ENOENT)
        elif len(content) > limit:
            raise TooLargeError
        else:
            yield content

    def scan(self, place: str) -> Iterator[tuple[str, int]]:
        own = self._folders.get(place, {})
        yield from own.items()
        entry = self.below.look(place)
        for name, kind in self.below.scan(place) if entry and entry.is_folder else ():
            if name not in own and _join(place, name) not in self._contents:
                yield name, kind

    def find_versions(self, wanted: "Iterable[Version]") -> "tuple[dict[Version, bytes], bool]":
        return self.below.find_versions(wanted)

    def outside(self, folder: Path) -> Tree:
        return self.below.outside(folder)

    def close(self) -> None:
        self.below.close()


def _changed_place(tree: Tree, path: str, content: bytes | None) -> str:
    """Return the place that writing or deleting a path changes."""
    folder, _, name = path.rpartition("/")
    try:
        place = tree.resolve(path if content is not None else folder or ".")
    except (OSError, ValueError):
        place = None
    if place is None:
        raise UserError(f"{path} is not in the repository", hint="give a path inside it")
    return place if content is not None else _join(place, name)


def _digest(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()
