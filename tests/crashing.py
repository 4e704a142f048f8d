"""Run an action in a process of its own that dies, or finds the disk full, at its n-th write."""

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

CHANGES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "os.chmod"}
GROWING = {"open", "os.mkdir", "os.symlink", "os.write"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
NEVER = 10**9

Point = Callable[[str], None]


def writes(action: Callable[[], object]) -> int:
    """How many writes `action` makes when nothing stops it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def point(event: str) -> None:
            nonlocal count
            count += 1

        code = _run(action, point)
        os.write(writer, str(count).encode())
        os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as told:
        count = int(told.read())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return count


def killed(action: Callable[[], object], at: int) -> bool:
    """Run `action`, killed at its write number `at`; False where it made fewer and ended."""

    def point(event: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    return _code(action, _from(at, point)) == -signal.SIGKILL


def filled(action: Callable[[], object], at: int) -> None:
    """Run `action` on a disk that is full from its write number `at` on."""

    def point(event: str) -> None:
        if event in GROWING:
            raise OSError(errno.ENOSPC, "No space left on device")

    assert _code(action, _from(at, point)) == 0


def some(count: int, most: int) -> list[int]:
    """Numbers of writes to stop at: all of them, or `most` that are spread over them."""
    return list(range(count)) if count <= most else sorted({n * count // most for n in range(most)})


def _from(at: int, point: Point) -> Point:
    left = at

    def counted(event: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            point(event)

    return counted


def _code(action: Callable[[], object], point: Point) -> int:
    child = os.fork()
    if child == 0:
        os._exit(_run(action, point))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _run(action: Callable[[], object], point: Point) -> int:
    """Run `action` with `point` called before each write; 0, or 3 where it raises. No way back."""
    hook, ended = _hook(point), False
    sys.addaudithook(lambda event, given: None if ended else hook(event, given))
    write, fsync = os.write, os.fsync

    def half(number: int, data: bytes) -> int:
        done = write(number, data[: len(data) // 2])
        point("os.write")
        return done + write(number, data[done:])

    def flush(number: int) -> None:
        point("os.fsync")
        fsync(number)

    os.write, os.fsync = half, flush  # type: ignore[assignment]
    try:
        action()
    except BaseException:
        traceback.print_exc()
        return 3
    finally:
        ended = True
        os.write, os.fsync = write, fsync
    return 0


def _hook(point: Point) -> Callable[[str, tuple[object, ...]], None]:
    def hook(event: str, given: tuple[object, ...]) -> None:
        flags = given[2] if event == "open" else 0
        if event in CHANGES or (isinstance(flags, int) and flags & WRITING):
            point(event)

    return hook


def staged(folder: Path) -> Iterator[str]:
    """The staged files below a folder."""
    for path in folder.rglob(".mlcharter-*"):
        if path.name.count("-") == 1 and len(path.name) == 35:
            yield path.relative_to(folder).as_posix()
