"""Reading files of a repository that nobody trusts."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

MAX_SIZE = 1024 * 1024
_PIECE = 1024 * 1024


class Unreadable(Struct, frozen=True):
    """A file that could not be read, and why; `line` is where, 1 when it is the whole file."""

    path: str
    line: int
    message: str


def read_bytes(
    path: str | Path,
    root: str | Path,
    limit: int = MAX_SIZE,
    folders: set[str] | None = None,
) -> bytes | Unreadable:
    """The bytes of the regular file at `root`/`path`, which no link may lead out of `root`.

    Waits for no pipe, opens no device, and reads no more than `limit` bytes.
    `folders` is what `inside` knows.
    """
    pieces: list[bytes] = []
    return _taken(path, root, limit, folders, pieces.append) or b"".join(pieces)


def digest(
    path: str | Path, root: str | Path, limit: int, folders: set[str] | None = None
) -> str | Unreadable:
    """The SHA-256 in hex of the file at `root`/`path`, read in pieces and as safely as above.

    A file of more than `limit` bytes is unreadable; no more than that is read of it.
    """
    import hashlib

    found = hashlib.sha256()
    return _taken(path, root, limit, folders, found.update) or found.hexdigest()


def _taken(
    path: str | Path,
    root: str | Path,
    limit: int,
    folders: set[str] | None,
    take: Callable[[bytes], object],
) -> Unreadable | None:
    """Give the file's bytes to `take`, a piece at a time; None when that was all of it."""
    name = path if isinstance(path, str) else path.as_posix()
    size = 0
    try:
        place = inside(name, str(root), folders)
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


def inside(path: str, root: str, folders: set[str] | None = None) -> str | None:
    """Where a path really leads; None when that is not below the root.

    Only a path with a link or `..` in it needs to be resolved. `folders` are those below this root
    that were found to be no links, which need not be looked at again; more are added.
    """
    folder, _, name = path.rpartition("/")
    if folders is not None and folder in folders and name != "..":
        place = f"{root}/{path}"
        if not os.path.islink(place):  # noqa: PTH114
            return place
    place = root
    plain = not path.startswith("/")
    for part in path.split("/"):
        place = f"{place}/{part}"
        plain = plain and part != ".." and not os.path.islink(place)  # noqa: PTH114
    if plain:
        if folders is not None and folder:
            folders.add(folder)
        return place
    top = os.path.realpath(root)
    real = os.path.realpath(os.path.join(root, path))  # noqa: PTH118
    return real if real == top or real.startswith(top.rstrip("/") + "/") else None
