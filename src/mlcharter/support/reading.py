"""Reading files of a repository that nobody trusts."""

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field

from mlcharter.support.errors import UserError

if TYPE_CHECKING:
    from mlcharter.support.hashing import Digests

MAX_SIZE = 1024 * 1024
LARGEST = 64 * 1024 * 1024  # of what an update may replace
_PIECE = 1024 * 1024
_LONGEST_PATH = 4096  # characters; Linux has no longer ones


class Unreadable(Struct, frozen=True):
    """A file that could not be read, and why; `line` is where, 1 when it is the whole file."""

    path: str
    line: int
    message: str


def read_bytes(
    path: str | Path,
    root: str | Path,
    limit: int = MAX_SIZE,
    known: dict[str, str] | None = None,
) -> bytes | Unreadable:
    """The bytes of the regular file at `root`/`path`, which no link may lead out of `root`.

    Waits for no pipe, opens no device, and reads no more than `limit` bytes.
    `known` is what `inside` knows.
    """
    pieces: list[bytes] = []
    return _taken(path, root, limit, known, pieces.append) or b"".join(pieces)


def whole(place: Path, limit: int = 0) -> bytes:
    """The bytes of a regular file that is no link, up to `limit`, else LARGEST, bytes.

    Anything else that is there is a UserError; what the system refuses is its own OSError.
    """
    limit = limit or LARGEST
    try:
        data = b"".join(_pieces(str(place), limit))
    except _NotRegularError:
        hint = "replace it by one, or remove it"
        raise UserError(f"{place} is not a regular file", hint=hint) from None
    if len(data) > limit:
        raise UserError(f"{place} is larger than {limit} bytes", hint="make it smaller")
    return data


def digest(
    path: str | Path, root: str | Path, limit: int, known: dict[str, str] | None = None
) -> str | Unreadable:
    """The SHA-256 in hex of the file at `root`/`path`, read in pieces and as safely as above.

    A file of more than `limit` bytes is unreadable; no more than that is read of it.
    """
    import hashlib

    found = hashlib.sha256()
    return _taken(path, root, limit, known, found.update) or found.hexdigest()


def digests(
    path: str | Path, root: str | Path, known: dict[str, str] | None = None
) -> "Digests | Unreadable":
    """Return the digests of the file at `root`/`path`, of any size, see `hashing`."""
    from mlcharter.support.hashing import Hasher

    hasher = Hasher()
    return _taken(path, root, sys.maxsize, known, hasher.update) or hasher.digests()


_Read = TypeVar("_Read")


def once(
    path: str, root: Path, known: dict[str, _Read], read: Callable[[str, Path], _Read]
) -> _Read:
    """What `read` gives for a file, called once for the place that its path leads to.

    However many links there are to a large file, it is read once.
    """
    try:
        place = inside(path, str(root)) or path
    except (OSError, ValueError):
        place = path  # which no file can have; `read` says so
    if place not in known:
        known[place] = read(path, root)
    return known[place]


def _taken(
    path: str | Path,
    root: str | Path,
    limit: int,
    known: dict[str, str] | None,
    take: Callable[[bytes], object],
) -> Unreadable | None:
    """Give the file's bytes to `take`, a piece at a time; None when that was all of it."""
    name = path if isinstance(path, str) else path.as_posix()
    size = 0
    try:
        place = inside(name, str(root), known)
        if place is None:
            return Unreadable(name, 1, "lies outside the repository; keep a copy inside")
        for piece in _pieces(place, limit):
            take(piece)
            size += len(piece)
    except _NotRegularError:
        return Unreadable(name, 1, "is not a regular file; replace it by one")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        return Unreadable(name, 1, f"can't be read: {(reason or 'bad path').lower()}")
    return Unreadable(name, 1, f"is larger than {limit} bytes; split it") if size > limit else None


_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY", "O_NOCTTY"):
    _FLAGS |= getattr(os, _name, 0)  # some systems lack some of them


class _NotRegularError(Exception):
    """A folder, a pipe, a device, or a link."""


def _pieces(place: str, limit: int) -> Iterator[bytes]:
    """Up to one byte more than `limit`, in pieces."""
    number = os.open(place, _FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise _NotRegularError
        left = limit + 1
        while left > 0 and (piece := os.read(number, min(left, _PIECE))):
            yield piece
            left -= len(piece)
    finally:
        os.close(number)


def inside(path: str, root: str, known: dict[str, str] | None = None) -> str | None:
    """Where a path really leads; None when that is not below the root.

    Only a path with a link or `..` in it needs to be resolved. `known` are those below this root
    that were found to have neither, which need not be looked at again; more are added.
    """
    if known is None:
        known = {}
    if path in known:
        return known[path]
    folder, _, name = path.rpartition("/")
    if folder in known and name != "..":
        place = f"{root}/{path}"
        if not _is_link(place):
            known[path] = place
            return place
    if len(path) > _LONGEST_PATH:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
    if _is_plain(path, root):
        place = known[path] = f"{root}/{path}"
        if folder:
            known[folder] = f"{root}/{folder}"
        return place
    if _watch is not None:
        _watch.sure = False
    top = os.path.realpath(root)
    real = os.path.realpath(os.path.join(root, path))  # noqa: PTH118
    return real if real == top or real.startswith(top.rstrip("/") + "/") else None


def _is_plain(path: str, root: str) -> bool:
    """Whether a path has no link and no `..` in it; what is below nothing has none."""
    parts = path.split("/")
    if path.startswith("/") or ".." in parts:
        return False
    place = root
    for part in parts:
        place = f"{place}/{part}"
        found = _look(place)
        if found is None:
            return True
        if stat.S_ISLNK(found.st_mode):
            return False
    return True


def _is_link(place: str) -> bool:
    found = _look(place)
    return found is not None and stat.S_ISLNK(found.st_mode)


def lies(path: str, root: Path) -> bool:
    """Whether anything lies at `root`/`path`, be it a link that leads nowhere."""
    try:
        inside(path, str(root))
    except OSError:
        return False  # a name that no file can have
    return _look(f"{root}/{path}") is not None


# Watching what is looked at


Seen = tuple[int, int, int, int, int]


class Watch(Struct):
    """What was looked at: how each place was at the first look, None where nothing was there.

    `sure` is false when a link was followed, so that there may be more to it.
    """

    seen: dict[str, Seen | None] = field(default_factory=dict)
    sure: bool = True


_watch: Watch | None = None


@contextmanager
def watched() -> Iterator[Watch]:
    """Record every file and folder that is looked at through this module."""
    global _watch
    before, _watch = _watch, Watch()
    try:
        yield _watch
    finally:
        _watch = before


def seen(place: str) -> Seen | None:
    """What tells one state of a file or folder from another; None when nothing is there."""
    return _told(_stat(place))


def _told(found: os.stat_result | None) -> Seen | None:
    if found is None:
        return None
    return found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _stat(place: str) -> os.stat_result | None:
    try:
        return os.lstat(place)
    except (OSError, ValueError):
        return None


def _look(place: str) -> os.stat_result | None:
    """What lies at a place, the link itself where it is one."""
    found = _stat(place)
    if _watch is not None:
        _watch.seen.setdefault(place, _told(found))
    return found
