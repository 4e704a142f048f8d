"""Do the work of a fleet in several processes, and yield rows in the order of the list.

Each repository is worked on in a process with limits of time and memory. A process that ends, hangs
or needs too much memory costs one row, which says so, and is replaced by a new one.
At most AHEAD rows wait for an earlier one, so that memory does not grow with the fleet.
"""

import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from mlcharter.fleet.members import Member
from mlcharter.support.errors import UserError

T = TypeVar("T")

SECONDS = 120  # for one repository
MEMORY = 4 * 1024**3  # of one worker
AHEAD = 64
_BEAT = 2  # seconds after which a worker looks whether it is still needed
_FORK = multiprocessing.get_context("fork")  # workers start with what is imported


def each(
    members: Sequence[Member],
    work: Callable[[Member], T],
    failed: Callable[[Member, str], T],
    processes: int,
    seconds: float = SECONDS,
) -> Iterator[T]:
    """Yield the row that `work` returns of each member, in their order, as soon as it is known.

    `failed` returns the row of a member whose work failed, with the reason. A row does not depend
    on the number of processes.
    """
    ready: dict[int, T] = {}
    workers: list[_Worker[T]] = []
    begun = done = 0
    try:
        while done < len(members):
            idle = [worker for worker in workers if worker.number is None]
            while begun < min(len(members), done + AHEAD) and (idle or len(workers) < processes):
                if not idle:
                    idle.append(_Worker(work, failed))
                    workers.append(idle[-1])
                idle.pop().begin(begun, members[begun], seconds)
                begun += 1
            for worker in _wait(workers):
                number, row = worker.take()
                ready[number] = row
                if worker.broken:
                    worker.end()
                    workers.remove(worker)
            while done in ready:
                yield ready.pop(done)
                done += 1
    finally:
        for worker in workers:
            worker.end()


class _Worker(Generic[T]):
    """A process that works on one repository after the other."""

    def __init__(self, work: Callable[[Member], T], failed: Callable[[Member, str], T]) -> None:
        self._connection, theirs = _FORK.Pipe()
        process = _FORK.Process(target=_work, args=(theirs, work, failed), daemon=True)
        process.start()
        theirs.close()
        self._process: BaseProcess = process
        self._failed = failed
        self.number: int | None = None
        self._member: Member | None = None
        self.broken = False
        self.last = 0.0
        self._seconds = 0.0

    @property
    def connection(self) -> Connection:
        return self._connection

    def begin(self, number: int, member: Member, seconds: float) -> None:
        self.number, self._member, self._seconds = number, member, seconds
        self.last = time.monotonic() + seconds
        with suppress(BrokenPipeError):  # it has ended, which `take` notes
            self._connection.send(member)

    def take(self) -> tuple[int, T]:
        """Return the number of the member and its row; one that says so if the process failed."""
        number, member = self.number, self._member
        assert number is not None and member is not None
        self.number = None
        try:
            if self._connection.poll():
                return number, self._connection.recv()
            error = f"it took more than {self._seconds:.0f} seconds"
        except (EOFError, OSError):
            self._process.join(1)
            error = f"its process ended without a result, with exit code {self._process.exitcode}"
        self.broken = True
        return number, self._failed(member, error)

    def end(self) -> None:
        """End the process; a Git that it has started ends with its pipes, or at its time limit."""
        self._process.kill()
        self._process.join()
        self._connection.close()


def _wait(workers: Sequence[_Worker[T]]) -> list[_Worker[T]]:
    """Wait until some of the busy workers have sent a row, have ended, or are out of time."""
    busy = {worker.connection: worker for worker in workers if worker.number is not None}
    left = min(worker.last for worker in busy.values()) - time.monotonic()
    heard = {busy[connection] for connection in wait(list(busy), max(left, 0))}  # type: ignore[index]
    now = time.monotonic()
    return [worker for worker in busy.values() if worker in heard or worker.last <= now]


def _work(
    connection: Connection,
    work: Callable[[Member], object],
    failed: Callable[[Member, str], object],
) -> None:
    """Work on each member that arrives, until the other end is closed, or whoever began it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # what it began with
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY + 2 * here,) * 2)
    parent = os.getppid()
    while True:
        # Workers that were started later hold our pipe open, so its end does not tell.
        while not connection.poll(_BEAT):
            if os.getppid() != parent:
                return
        try:
            member = connection.recv()
        except EOFError:
            return
        try:
            row = work(member)
        except UserError as error:
            row = failed(member, error.message)
        except MemoryError:
            row = failed(member, f"it needs more than {MEMORY} bytes of memory")
        except Exception as error:
            row = failed(member, f"mlcharter failed: {type(error).__name__}: {error}")
        connection.send(row)
