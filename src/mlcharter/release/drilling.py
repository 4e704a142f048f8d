"""Drill a loss of the store and a rollback on a copy, with the seconds of each step."""

import datetime
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from mlcharter.charter import release_record
from mlcharter.charter.charter import Charter
from mlcharter.formats import promql
from mlcharter.release import live, rolling_back, verifying
from mlcharter.release.live import Live
from mlcharter.release.store import MAX_BYTES, Store
from mlcharter.release.trust import Trust
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Unreadable

_MOST_FILES = 100_000


class Step(Struct, frozen=True):
    """A step that was done, what came of it, and its seconds."""

    name: str
    result: str
    seconds: float


class Place(Struct, frozen=True):
    """A repository with its store."""

    root: Path
    store: Store


def find_limit(charter: Charter) -> float | None:
    """Return the seconds that a rollback may take, by the runbook; None if nobody decided it."""
    rollback = charter.entry("rollback")
    return None if rollback is None else promql.to_seconds(rollback.value.rto)


def drill(own: Place, trust: Trust, now: datetime.datetime) -> Iterator[Step]:
    """Back up, restore and verify the live release in a folder of its own, then roll it back there.

    The repository and its store are only read. Raises RefusedError where a step fails.
    """
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        yield from _drill(own, Path(folder), trust, now)


def _drill(own: Place, scratch: Path, trust: Trust, now: datetime.datetime) -> Iterator[Step]:
    current = live.read(Folder(own.root))
    if current is None:
        raise UserError("no release is live", hint="make one with `mlcharter release create`")
    restored = Place(scratch / "restored", Store(scratch / "restored/releases"))

    def back_up() -> str:
        return f"{_copy(own.store.folder, scratch, 'backup')} files"

    def restore() -> str:
        files = _copy(scratch / "backup", scratch, "restored/releases")
        _copy(own.root / "versioning", scratch, "restored/versioning")
        _verify(restored, current, trust, now)
        return f"{files} files, {current.id} verifies"

    def roll_back() -> str:
        done = rolling_back.roll_back(restored.root, restored.store, trust, now)
        _verify(restored, done.now, trust, now)
        return f"{done.now.id} is live, in place of {done.before.id}"

    yield _time("back up", back_up)
    yield _time("restore and verify", restore)
    record = release_record.read(Folder(own.root), current.id)
    if isinstance(record, str) or record.previous is not None:
        yield _time("roll back", roll_back)


def _time(name: str, action: Callable[[], str]) -> Step:
    began = time.perf_counter()
    result = action()
    return Step(name, result, time.perf_counter() - began)


def _verify(place: Place, current: Live, trust: Trust, now: datetime.datetime) -> None:
    pinned = current.manifest.removeprefix("sha256:")
    verifying.verify(place.store, current.id, trust, now, pinned=pinned)


def _copy(source: Path, root: Path, target: str) -> int:
    """Copy the files of a folder that are no links to `root`/`target`; return how many."""
    tree, count = Folder(source), 0
    for path in tree.walk("", _MOST_FILES):
        if not isinstance(data := tree.read(path, MAX_BYTES), Unreadable):
            writing.replace(root, f"{target}/{path}", data)
            count += 1
    return count
