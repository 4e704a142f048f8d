"""Check the repositories of a fleet in several processes, and yield rows in the order of the list.

Each repository is checked in a worker process with limits of time and memory. A worker that ends,
hangs or needs too much memory costs one row, which says so, and is replaced by a new one.
At most AHEAD rows wait for an earlier one, so that memory does not grow with the fleet.
"""

import multiprocessing
import resource
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from mlcharter.check import engine, rule
from mlcharter.fleet import checking
from mlcharter.fleet.checking import Options
from mlcharter.fleet.members import Member
from mlcharter.fleet.rows import Row

SECONDS = 120  # for one repository
MEMORY = 4 * 1024**3  # of one worker
AHEAD = 64
_FORK = multiprocessing.get_context("fork")  # the workers start with all rules imported


def check(
    members: Sequence[Member], options: Options, processes: int, seconds: float = SECONDS
) -> Iterator[Row]:
    """Yield the row of each member, in their order, as soon as it is known.

    A row does not depend on the number of processes.
    """
    engine.load(rule.names())
    ready: dict[int, Row] = {}
    workers: list[_Worker] = []
    begun = done = 0
    try:
        while done < len(members):
            idle = [worker for worker in workers if worker.number is None]
            while begun < min(len(members), done + AHEAD) and (idle or len(workers) < processes):
                if not idle:
                    idle.append(_Worker(options))
                    workers.append(idle[-1])
                idle.pop().begin(begun, members[begun], seconds)
                begun += 1
            for worker in _wait(workers):
                number, member = worker.number, worker.member
                assert number is not None and member is not None
                ready[number] = worker.take() or checking.failed(member, options, worker.error)
                if worker.error:
                    worker.end()
                    workers.remove(worker)
            while done in ready:
                yield ready.pop(done)
                done += 1
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """A process that checks one repository after the other."""

    def __init__(self, options: Options) -> None:
        self._connection, theirs = _FORK.Pipe()
        self._process: BaseProcess = _FORK.Process(
            target=_work, args=(theirs, options), daemon=True
        )
        self._process.start()
        theirs.close()
        self.number: int | None = None
        self.member: Member | None = None
        self.error = ""
        self.last = 0.0
        self._seconds = 0.0

    @property
    def connection(self) -> Connection:
        return self._connection

    def begin(self, number: int, member: Member, seconds: float) -> None:
        self.number, self.member, self._seconds = number, member, seconds
        self.last = time.monotonic() + seconds
        with suppress(BrokenPipeError):  # it has ended, which `take` notes
            self._connection.send(member)

    def take(self) -> Row | None:
        """Return the row that the process has sent; None if it ended or took too long."""
        self.number = None
        try:
            if self._connection.poll():
                row: Row = self._connection.recv()
                return row
            self.error = f"its check took more than {self._seconds:.0f} seconds"
        except (EOFError, OSError):
            self._process.join(1)
            code = self._process.exitcode
            self.error = f"its check ended without a result, with exit code {code}"
        return None

    def end(self) -> None:
        """End the process; a Git that it has started ends with its pipes, or at its time limit."""
        self._process.kill()
        self._process.join()
        self._connection.close()


def _wait(workers: Sequence[_Worker]) -> list[_Worker]:
    """Wait until some of the busy workers have sent a row, have ended, or are out of time."""
    busy = {worker.connection: worker for worker in workers if worker.number is not None}
    left = min(worker.last for worker in busy.values()) - time.monotonic()
    heard = {busy[connection] for connection in wait(list(busy), max(left, 0))}  # type: ignore[index]
    now = time.monotonic()
    return [worker for worker in busy.values() if worker in heard or worker.last <= now]


def _work(connection: Connection, options: Options) -> None:
    """Check each member that arrives, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    while True:
        try:
            member = connection.recv()
        except EOFError:
            return
        try:
            row = checking.row(member, options)
        except MemoryError:
            row = checking.failed(member, options, f"its check needs more than {MEMORY} bytes")
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            row = checking.failed(member, options, f"mlcharter failed: {what}")
        connection.send(row)
