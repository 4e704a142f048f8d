"""Write files. No other module does, so that every write has the same three guarantees.

A file is replaced atomically: its new content is written under a random name beside it, then
renamed. After `kill -9` or on a full disk, it is the old file or the new one, never half of it.

Below a root, no link is followed: each folder is opened from the one above it, without a race.
A link on the path, or in place of the file, is a UserError; `over_link` replaces the link itself.

A staged file that a killed process left is removed by the next write in that folder. Its name has
a checksum with the folder's inode, so that a file which came with a clone is not mistaken for one.
A running process locks what it has staged, so that no other removes it.
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
_PROBE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ATTEMPTS = 5  # without locks in the file system, another process may remove a staged file


def write(path: Path, text: str) -> None:
    """Write a file that the user named, as UTF-8.

    In a Git repository, and below the working directory, no link is followed. A pipe or a device
    that the user names elsewhere, such as /dev/stdout, is written to, not replaced.
    """
    place = Path(os.path.abspath(path))  # noqa: PTH100 (resolve would follow links)
    root = _trusted_root(place)
    with _as_user_errors(path, "name a file in a folder that exists"):
        if root is None and _is_stream(place):
            with place.open("w", encoding="utf-8") as stream:
                stream.write(text)
        else:
            root = root or place.parent
            _replace(root, place.relative_to(root).as_posix(), text.encode(), make=False)


def replace(
    root: Path, path: str, data: bytes, *, executable: bool | None = None, over_link: bool = False
) -> None:
    """Write `data` to `root`/`path`; missing folders are created.

    An existing file keeps its mode, a new one gets it from the umask; `executable` sets or clears
    the permission to run it.
    """
    _refuse_git(path)
    with _as_user_errors(path):
        _replace(root, path, data, executable=executable, over_link=over_link)


def keep(file: Path, data: bytes) -> None:
    """Write a file of this user's cache, readable by this user only.

    An OSError, such as a full disk, is ignored: the result is computed again next time. The file is
    not flushed to the disk: readers must detect one that a power failure damaged.
    """
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with _open_folder(file.parent) as folder:
            _remove_stale(folder)
            _write_staged(folder, file.name, data, 0o600, 0o600, durable=False)


def link(root: Path, path: str, target: bytes) -> None:
    """Make `root`/`path` a symbolic link to `target`, which need not exist."""
    _refuse_git(path)
    if b"\0" in target:
        raise UserError(f"{path} can't be a link: its target is not a path", hint="give a path")
    with _as_user_errors(path), _folder_of(root, path, make=True) as (folder, name):
        _remove_stale(folder)
        _check_replaceable(folder, name, path, over_link=True)

        def staged(beside: str) -> None:
            os.symlink(target, beside, dir_fd=folder)
            os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)

        _with_staged_name(folder, staged)
        os.fsync(folder)


def remove(root: Path, path: str) -> None:
    """Remove the file or link `root`/`path`, and its folders below the root that become empty."""
    _refuse_git(path)
    with _as_user_errors(path):
        try:
            with _folder_of(root, path) as (folder, name):
                _remove_stale(folder)
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
    """Rename `root`/`old` to `root`/`new`; both folders must exist."""
    with (
        _as_user_errors(old),
        _folder_of(root, old) as (source, before),
        _folder_of(root, new) as (target, after),
    ):
        os.rename(before, after, src_dir_fd=source, dst_dir_fd=target)
        os.fsync(target)


def remove_folder(root: Path, path: str) -> None:
    """Remove the folder `root`/`path` with its content, or the link in its place."""
    with (
        _as_user_errors(path),
        suppress(FileNotFoundError),
        _folder_of(root, path) as (folder, name),
    ):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            _remove_tree(folder, name)
        else:
            os.unlink(name, dir_fd=folder)


def remove_files(place: Path, ending: str) -> None:
    """Remove the files in a folder of this user's cache whose names end in `ending`."""
    with _open_folder(place) as folder:
        for name in os.listdir(folder):  # noqa: PTH208 (it is an open folder)
            with suppress(FileNotFoundError):
                if name.endswith(ending):
                    os.unlink(name, dir_fd=folder)


def remove_stale(root: Path, path: str) -> None:
    """Remove what killed processes left beside `root`/`path`; a link on the path is a UserError."""
    with suppress(OSError), _folder_of(root, path) as (folder, _):
        _remove_stale(folder)


@contextmanager
def locked(root: Path, path: str, wait: bool = False) -> Iterator[bool]:
    """Lock the file `root`/`path` for this process; yields False if another process has locked it.

    With `wait`, it waits for that process. A killed process loses its lock.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with _as_user_errors(path), _folder_of(root, path, make=True) as (folder, name):
        _check_replaceable(folder, name, path)
        number = os.open(name, flags, 0o666, dir_fd=folder)
    try:
        yield _lock(number, wait)
    finally:
        os.close(number)


@contextmanager
def locked_folder(place: Path) -> Iterator[bool]:
    """Wait until no other process has locked a folder, and lock it; nothing is written in it."""
    with _open_folder(place) as number:
        yield _lock(number, wait=True)


@contextmanager
def staged_folder(beside: Path) -> Iterator[Path]:
    """Create a temporary folder in `beside`; rename what is to stay out of it before the end.

    One that a killed process left there is removed first.
    """
    with suppress(FileExistsError):
        beside.mkdir(parents=True)
    with _open_folder(beside) as folder:
        _remove_stale(folder)
        locks: list[int] = []
        name = _with_staged_name(folder, lambda name: locks.append(_make_locked(folder, name)))
        number = locks[-1]
        try:
            yield beside / name
        finally:
            with suppress(OSError):
                _remove_tree(folder, name)
            os.close(number)


def install_folder(made: Path, into: Path) -> None:
    """Move a finished folder to its final name; if another process was first, its folder stays."""
    try:
        made.rename(into)
    except OSError:
        if not into.is_dir():
            raise


def is_staged(place: Path) -> bool:
    """Return whether this module staged the file or folder at a place."""
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
        _remove_stale(folder)
        before = _check_replaceable(folder, name, path, over_link)
        if before is None or stat.S_ISLNK(before.st_mode):
            _write_staged(folder, name, data, 0o777 if executable else 0o666)
            return
        mode = before.st_mode & 0o777
        if executable is not None:
            mode = mode | (mode & 0o444) >> 2 if executable else mode & ~0o111
        _write_staged(folder, name, data, mode & 0o700, mode)


def _write_staged(
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
            os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            os.close(number)

    _with_staged_name(folder, staged)
    if durable:
        os.fsync(folder)


def _make_locked(folder: int, name: str) -> int:
    """Create and lock a folder; raises FileNotFoundError if another process removed it."""
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


def _with_staged_name(folder: int, staged: Callable[[str], object]) -> str:
    """Call `staged` with a new staged name; try again if another process has removed it."""
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


def _lock(number: int, wait: bool = False) -> bool:
    """Lock an open file; False if another process has. Some file systems do not support locks."""
    try:
        fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        return error.errno in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
    return True


# Folders, opened one from the other


@contextmanager
def _open_folder(place: Path) -> Iterator[int]:
    """Open a folder that the user or this program named; links on its path are followed."""
    number = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield number
    finally:
        os.close(number)


@contextmanager
def _folder_of(root: Path, path: str, make: bool = False) -> Iterator[tuple[int, str]]:
    """Open the folder of `root`/`path`, and provide it with the name in it; `make` creates it."""
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
        status = os.stat(part, dir_fd=here, follow_symlinks=False)
        kind = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "not a folder"
        raise UserError(f"{shown} is {kind}", hint="replace it with a folder") from None


def _check_replaceable(
    folder: int, name: str, path: str, over_link: bool = False
) -> os.stat_result | None:
    """Return the status of the file to replace, None if there is none; refuse any other kind."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        if not over_link:
            raise UserError(f"{path} is a symbolic link", hint="replace it with a file")
    elif not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise UserError(f"{path} is {kind}", hint="replace it with a file")
    return status


def is_below(path: str) -> bool:
    """Return whether a path with slashes is relative, without a part that is empty, `.` or `..`."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return "\0" not in path and not {"", ".", ".."} & set(path.split("/"))


def is_git(path: str) -> bool:
    """Return whether a part of a path is `.git` on any file system."""
    return any(
        "".join(filter(str.isprintable, part)).rstrip(" .").casefold() in (".git", "git~1")
        for part in re.split(r"[/\\:]", path)
    )


def _refuse_git(path: str) -> None:
    if is_git(path):
        raise UserError(f"{path} belongs to Git", hint="name a file outside .git")


# Staged files that a killed process left


def _staged_name(folder: int) -> str:
    token = os.urandom(8).hex()
    return f".mlcharter-{token}{_checksum(token, folder)}"


def _checksum(token: str, folder: int) -> str:
    return f"{zlib.crc32(f'{token}{os.fstat(folder).st_ino}'.encode()):08x}"


def _is_staged(name: str, folder: int) -> bool:
    match = _STAGED.fullmatch(name)
    return match is not None and match[2] == _checksum(match[1], folder)


def _remove_stale(folder: int) -> None:
    for name in os.listdir(folder):
        if _is_staged(name, folder):
            with suppress(OSError):
                _remove_if_unlocked(folder, name)


def _remove_if_unlocked(folder: int, name: str) -> None:
    """Remove a staged file, link or folder of this user, if no process has locked it."""
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if status.st_uid != os.geteuid():
        return
    if stat.S_ISLNK(status.st_mode):  # it can't be locked; its maker tries again
        os.unlink(name, dir_fd=folder)
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        return
    number = os.open(name, _PROBE, dir_fd=folder)
    try:
        if not os.path.samestat(os.fstat(number), status):
            return
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if stat.S_ISDIR(status.st_mode):
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


def _trusted_root(place: Path) -> Path | None:
    """Return the parent of a place below which no link is followed; None if there is none.

    It is the topmost parent with a `.git`, since a link in a repository may lead to another one;
    else the working directory.
    """
    for folder in reversed(place.parents):
        if os.path.lexists(folder / ".git"):
            return folder
    here = Path.cwd()
    return here if place.is_relative_to(here) and place != here else None


def _is_stream(place: Path) -> bool:
    """Return whether a place is a pipe or device, or a link in /dev to one."""
    try:
        mode = os.lstat(place).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(mode):
        return place.parts[:2] == ("/", "dev")
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


@contextmanager
def _as_user_errors(path: Path | str, missing: str = "check its folder") -> Iterator[None]:
    """Turn an OSError of a write into a UserError that says that nothing has changed."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        misnamed = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
        hint = missing if misnamed else "the file is unchanged; fix that, then try again"
        raise UserError(f"{path} can't be written: {reason}", hint=hint) from error
