"""Writing files: no other module does, so that each write holds to the same three promises.

A file is replaced at once: its new content is written under a random name beside it and renamed.
After `kill -9` or on a full disk it is the old file or the new one, never half.

Below a root no link is followed: each folder is opened from the one above it, without a race.
A link in the way, or in place of the file, is a UserError; `over_link` replaces the link itself.

What a killed process left under a staged name is removed by the next write in that folder. The
name holds a number of its folder, so that a file which came with a clone is not taken for one; a
living process holds a lock on what it has staged, so that nobody removes it.
"""

import errno
import fcntl
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlcharter.support.errors import UserError

_STAGED = re.compile(r"\.mlcharter-([0-9a-f]{16})([0-9a-f]{8})")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_SEEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ATTEMPTS = 5  # a file system without locks lets another process remove what is staged here


def write(path: Path, text: str) -> None:
    """Write a file that the user named, as UTF-8.

    In a Git repository, and below the working directory, no link is followed. A pipe or a device
    that the user names elsewhere, such as /dev/stdout, is written to, not replaced.
    """
    place = Path(os.path.abspath(path))  # noqa: PTH100 (resolve would follow links)
    root = _trusted(place)
    with _explained(path, "name a file in a folder that is there"):
        if root is None and _is_stream(place):
            with place.open("w", encoding="utf-8") as stream:
                stream.write(text)
        else:
            root = root or place.parent
            _replace(root, place.relative_to(root).as_posix(), text.encode(), make=False)


def replace(
    root: Path, path: str, data: bytes, *, executable: bool | None = None, over_link: bool = False
) -> None:
    """Make `data` the content of `root`/`path`; its folders are made where they are missing.

    The mode of a file that is there is kept, that of a new one is for the umask to say;
    `executable` sets or clears the permission to run it.
    """
    _refuse_git(path)
    with _explained(path):
        _replace(root, path, data, executable=executable, over_link=over_link)


def keep(file: Path, data: bytes) -> None:
    """Write a file of this user's cache, which nobody else can read; an OSError if that fails.

    It is not flushed to the disk: whoever reads it must notice when a power failure damaged it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with _open_folder(file.parent) as folder:
        _sweep(folder)
        _put(folder, file.name, data, 0o600, 0o600, durable=False)


def link(root: Path, path: str, target: bytes) -> None:
    """Make `root`/`path` a symbolic link to `target`, which need not exist."""
    _refuse_git(path)
    if b"\0" in target:
        raise UserError(f"{path} can't be a link: its target is no path", hint="give a path")
    with _explained(path), _folder_of(root, path, make=True) as (folder, name):
        _sweep(folder)
        _look(folder, name, path, over_link=True)

        def staged(beside: str) -> None:
            os.symlink(target, beside, dir_fd=folder)
            _rename(folder, beside, folder, name)

        _attempt(folder, staged)
        os.fsync(folder)


def remove(root: Path, path: str) -> None:
    """Remove the file or link `root`/`path`, and its folders below the root that are then empty."""
    _refuse_git(path)
    with _explained(path):
        try:
            with _folder_of(root, path) as (folder, name):
                _sweep(folder)
                os.unlink(name, dir_fd=folder)
                os.fsync(folder)
        except FileNotFoundError:
            pass
        parts = path.split("/")[:-1]
        for depth in range(len(parts), 0, -1):
            try:
                with _folder_of(root, "/".join(parts[:depth])) as (folder, name):
                    os.rmdir(name, dir_fd=folder)
            except FileNotFoundError:
                continue
            except OSError:
                return  # it is not empty


def rename(root: Path, old: str, new: str) -> None:
    """Give `root`/`old` the name `root`/`new`; both folders are there."""
    with (
        _explained(old),
        _folder_of(root, old) as (source, before),
        _folder_of(root, new) as (target, after),
    ):
        _rename(source, before, target, after)
        os.fsync(target)


def remove_folder(root: Path, path: str) -> None:
    """Remove the folder `root`/`path` with all that is in it, or the link in its place."""
    with _explained(path), suppress(FileNotFoundError), _folder_of(root, path) as (folder, name):
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            _remove_tree(folder, name)
        else:
            os.unlink(name, dir_fd=folder)


def empty(place: Path, ending: str) -> None:
    """Remove the files of this user's cache in a folder whose names end so."""
    with _open_folder(place) as folder:
        for name in _names(folder):
            if name.endswith(ending):
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=folder)


def sweep(root: Path, path: str) -> None:
    """Remove what killed processes left beside `root`/`path`; a link in its way is a UserError."""
    with suppress(OSError), _folder_of(root, path) as (folder, _):
        _sweep(folder)


@contextmanager
def locked(root: Path, path: str) -> Iterator[bool]:
    """Hold the file `root`/`path` for this process; False where another process holds it.

    A process that is killed lets go of it.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with _explained(path), _folder_of(root, path, make=True) as (folder, name):
        _look(folder, name, path)
        number = os.open(name, flags, 0o666, dir_fd=folder)
    try:
        yield _lock(number)
    finally:
        os.close(number)


@contextmanager
def staged_folder(beside: Path) -> Iterator[Path]:
    """A new folder in `beside`, which is removed in the end; what is to stay is renamed out of it.

    One that a killed process left there is removed first.
    """
    with suppress(FileExistsError):
        beside.mkdir(parents=True)
    with _open_folder(beside) as folder:
        _sweep(folder)
        locks: list[int] = []
        name = _attempt(folder, lambda name: locks.append(_make_locked(folder, name)))
        number = locks[-1]
        try:
            yield beside / name
        finally:
            with suppress(OSError):
                _remove_tree(folder, name)
            os.close(number)


def put_folder(made: Path, into: Path) -> None:
    """Give a finished folder its name; where another process was first, that one stays."""
    try:
        made.rename(into)
    except OSError:
        if not into.is_dir():
            raise


def is_staged(place: Path) -> bool:
    """Whether a name is one under which this module stages what it writes in that folder."""
    with _open_folder(place.parent) as folder:
        return _is_staged(place.name, folder)


# The steps of a write


def _replace(
    root: Path,
    path: str,
    data: bytes,
    *,
    executable: bool | None = None,
    over_link: bool = False,
    make: bool = True,
) -> None:
    with _folder_of(root, path, make) as (folder, name):
        _sweep(folder)
        before = _look(folder, name, path, over_link)
        if before is None or stat.S_ISLNK(before.st_mode):
            _put(folder, name, data, 0o777 if executable else 0o666)
            return
        mode = before.st_mode & 0o777
        if executable is not None:
            mode = mode | (mode & 0o444) >> 2 if executable else mode & ~0o111
        _put(folder, name, data, mode & 0o700, mode)


def _put(
    folder: int, name: str, data: bytes, mode: int, exact: int | None = None, durable: bool = True
) -> None:
    """Write a file under a staged name and rename it; `exact` is its mode whatever the umask."""

    def staged(beside: str) -> None:
        number = os.open(beside, _NEW, mode | 0o600, dir_fd=folder)
        try:
            _lock(number)
            _write_all(number, data)
            if exact is not None:
                os.fchmod(number, exact)
            if durable:
                os.fsync(number)
            _rename(folder, beside, folder, name)
        finally:
            os.close(number)

    _attempt(folder, staged)
    if durable:
        os.fsync(folder)


def _make_locked(folder: int, name: str) -> int:
    """Make a folder and hold its lock; a FileNotFoundError where another process removed it."""
    os.mkdir(name, 0o700, dir_fd=folder)
    number = os.open(name, _FOLDER, dir_fd=folder)
    try:
        if not _lock(number):
            raise FileNotFoundError(errno.ENOENT, "another process is removing it", name)
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except BaseException:
        os.close(number)
        raise
    return number


def _attempt(folder: int, staged: Callable[[str], object]) -> str:
    """Do something under a new staged name; again where another process has removed that."""
    for left in reversed(range(_ATTEMPTS)):
        name = _staged_name(folder)
        try:
            staged(name)
        except FileNotFoundError:
            if not left:
                raise
        except BaseException:
            for undo in (os.unlink, os.rmdir):
                with suppress(OSError):
                    undo(name, dir_fd=folder)
            raise
        else:
            return name
    raise AssertionError("the last attempt returns or raises")


def _write_all(number: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(number, left) :]


def _rename(source: int, before: str, target: int, after: str) -> None:
    os.rename(before, after, src_dir_fd=source, dst_dir_fd=target)


def _lock(number: int) -> bool:
    """Lock an open file; False where another process has. Some file systems know no locks."""
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        return error.errno in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
    return True


# Folders, opened one from the other


@contextmanager
def _open_folder(place: Path) -> Iterator[int]:
    """A folder that the user or this program named; links on the way to it are followed."""
    number = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield number
    finally:
        os.close(number)


@contextmanager
def _folder_of(root: Path, path: str, make: bool = False) -> Iterator[tuple[int, str]]:
    """The open folder that `root`/`path` lies in, and the name there; `make` makes it."""
    *folders, name = path.split("/")
    if not is_below(path):
        raise UserError(f"{path} is not a path inside {root}", hint="give one without `..`")
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for depth, part in enumerate(folders, 1):
            below = _enter(here, part, "/".join(folders[:depth]), make)
            os.close(here)
            here = below
        yield here, name
    finally:
        os.close(here)


def _enter(here: int, part: str, shown: str, make: bool) -> int:
    if make:
        with suppress(FileExistsError):
            os.mkdir(part, dir_fd=here)
    try:
        return os.open(part, _FOLDER, dir_fd=here)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
            raise
        found = os.stat(part, dir_fd=here, follow_symlinks=False)
        kind = "a link" if stat.S_ISLNK(found.st_mode) else "not a folder"
        raise UserError(f"{shown} is {kind}", hint="replace it by a folder") from None


def _look(folder: int, name: str, path: str, over_link: bool = False) -> os.stat_result | None:
    """What is to be replaced, None where nothing is there; refused unless it is a regular file."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        if not over_link:
            raise UserError(f"{path} is a link", hint="replace it by a file")
    elif not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "not a regular file"
        raise UserError(f"{path} is {kind}", hint="replace it by a file")
    return found


def is_below(path: str) -> bool:
    """Whether a path with slashes is relative, and has no part that is empty, `.` or `..`."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return "\0" not in path and not {"", ".", ".."} & set(path.split("/"))


def is_git(path: str) -> bool:
    """Whether a part of a path is `.git`, as any file system may take it."""
    return any(
        "".join(filter(str.isprintable, part)).rstrip(" .").casefold() in (".git", "git~1")
        for part in re.split(r"[/\\:]", path)
    )


def _refuse_git(path: str) -> None:
    if is_git(path):
        raise UserError(f"{path} belongs to Git", hint="name a file outside .git")


# What a killed process left


def _staged_name(folder: int) -> str:
    token = os.urandom(8).hex()
    return f".mlcharter-{token}{_mark(token, folder)}"


def _mark(token: str, folder: int) -> str:
    return f"{zlib.crc32(f'{token}{os.fstat(folder).st_ino}'.encode()):08x}"


def _is_staged(name: str, folder: int) -> bool:
    found = _STAGED.fullmatch(name)
    return found is not None and found[2] == _mark(found[1], folder)


def _names(folder: int) -> list[str]:
    return os.listdir(folder)


def _sweep(folder: int) -> None:
    for name in _names(folder):
        if _is_staged(name, folder):
            with suppress(OSError):
                _remove_left(folder, name)


def _remove_left(folder: int, name: str) -> None:
    """Remove a file, link or folder of this user under a staged name, if no process holds it."""
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if found.st_uid != os.geteuid():
        return
    if stat.S_ISLNK(found.st_mode):  # it can't be locked; whoever is making it makes another
        os.unlink(name, dir_fd=folder)
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        return
    number = os.open(name, _SEEN, dir_fd=folder)
    try:
        if not os.path.samestat(os.fstat(number), found):
            return
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if stat.S_ISDIR(found.st_mode):
            _remove_tree(folder, name)
        else:
            os.unlink(name, dir_fd=folder)
    finally:
        os.close(number)


def _remove_tree(folder: int, name: str) -> None:
    import shutil  # takes a millisecond that `check` need not spend

    with suppress(FileNotFoundError):
        shutil.rmtree(name, dir_fd=folder)


# Files that the user named


def _trusted(place: Path) -> Path | None:
    """The folder above a place below which links are not followed; None where there is none.

    It is the topmost one with a `.git`, since a link in a repository may lead to another one;
    else the working directory.
    """
    for folder in reversed(place.parents):
        if os.path.lexists(folder / ".git"):
            return folder
    here = Path.cwd()
    return here if place.is_relative_to(here) and place != here else None


def _is_stream(place: Path) -> bool:
    """Whether a place is a pipe or a device, or a link of the system to one."""
    try:
        mode = os.lstat(place).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(mode):
        return place.parts[:2] == ("/", "dev")
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


@contextmanager
def _explained(path: Path | str, missing: str = "look at its folder") -> Iterator[None]:
    """Turn an OSError of a write into a UserError, which says that nothing has changed."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        misnamed = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
        hint = missing if misnamed else "the file is unchanged; fix that, then try again"
        raise UserError(f"{path} can't be written: {reason}", hint=hint) from error
