"""Changing many files as one: after `kill -9` at any moment, it is finished or taken back.

The new and the old contents lie in a folder inside `.git`, with a list that is put in place last.
From then on the change counts: whoever comes next replays it, or takes it back.
A file that is neither what it was nor what it becomes was edited meanwhile; it is not overwritten.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcharter import reading
from mlcharter.errors import UserError
from mlcharter.merging.trees import LINK, PROGRAM, File, read_file

_BUILDING, _PENDING, _LAST, _RESCUED = "building", "pending", "last", "rescued"
_BESIDE = ".mlcharter-new"


@dataclass(frozen=True)
class Step:
    """One path from what it was to what it becomes; None is no file."""

    path: str
    old: File | None
    new: File | None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; a second one is refused. A killed process lets go."""
    folder.mkdir(parents=True, exist_ok=True)
    with Path(folder, "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                "another update of this repository is running", hint="wait until it is done"
            ) from None
        yield


def begin(folder: Path, steps: Sequence[Step], about: str, index: str) -> None:
    """Write everything down; when this returns, the change can be finished by anyone.

    `index` is what Git's index is told in the end.
    """
    building = folder / _BUILDING
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    listed = []
    for number, step in enumerate(steps):
        entry: dict[str, object] = {"path": step.path}
        for side, file in (("old", step.old), ("new", step.new)):
            if file is not None:
                _write(building / f"{number}.{side}", file.data)
                entry[side] = file.mode
        listed.append(entry)
    _write(
        building / "list.json",
        json.dumps({"about": about, "index": index, "steps": listed}).encode(),
    )
    shutil.rmtree(folder / _LAST, ignore_errors=True)
    building.rename(folder / _PENDING)


def pending(folder: Path) -> str | None:
    """What an update that was interrupted was about; None without one."""
    return _about(folder / _PENDING)


def refuse_pending(folder: Path) -> None:
    """Refuse to look at a tree of which an interrupted change has written a part."""
    about = pending(folder)
    if about is not None:
        raise UserError(
            f"this was interrupted: {about}",
            hint="run `mlcharter update` to finish it, or `mlcharter update --abort`",
        )


def paths(folder: Path) -> set[str]:
    """What the last update wrote."""
    return {entry["path"] for entry in _list(folder / _LAST)["steps"]}


def finished(folder: Path) -> str | None:
    """What the last update was about that could still be taken back."""
    return _about(folder / _LAST)


def finish(folder: Path, root: Path, tell: Callable[[str], None]) -> bool:
    """Write what is not written yet, `tell` the index; whether there are conflicts."""
    steps = _steps(folder / _PENDING)
    edited = [s.path for s in steps if read_file(root / s.path) not in (s.old, s.new)]
    if edited:
        raise UserError(
            f"{edited[0]} was edited after the update had begun",
            hint="undo that edit and update again, or run `mlcharter update --abort`",
        )
    for step in steps:
        _put(root, step.path, step.new)
    index = str(_list(folder / _PENDING)["index"])
    tell(index)
    (folder / _PENDING).rename(folder / _LAST)
    return bool(index)


def take_back(folder: Path, root: Path) -> list[str]:
    """Undo an update, interrupted or done; returns the paths whose later edits were set aside."""
    source = folder / (_PENDING if (folder / _PENDING).is_dir() else _LAST)
    rescued = []
    for step in _steps(source):
        now = read_file(root / step.path)
        if now not in (step.old, step.new) and now is not None:
            aside = folder / _RESCUED / step.path
            aside.parent.mkdir(parents=True, exist_ok=True)
            _write(aside, now.data)
            rescued.append(step.path)
        _put(root, step.path, step.old)
    shutil.rmtree(source)
    return rescued


def rescued(folder: Path) -> Path:
    """Where `take_back` sets edits aside."""
    return folder / _RESCUED


def _about(folder: Path) -> str | None:
    try:
        return str(_list(folder)["about"])
    except FileNotFoundError:
        return None


def _list(folder: Path) -> dict[str, Any]:
    return dict(json.loads(reading.whole(folder / "list.json")))


def _steps(folder: Path) -> list[Step]:
    steps = []
    for number, entry in enumerate(_list(folder)["steps"]):
        files = [
            File(reading.whole(folder / f"{number}.{side}"), entry[side]) if side in entry else None
            for side in ("old", "new")
        ]
        steps.append(Step(entry["path"], *files))
    return steps


def _put(root: Path, path: str, file: File | None) -> None:
    """Make a path what it is to be, at once or not at all."""
    place = root / path
    beside = place.with_name(f".{place.name}{_BESIDE}")
    beside.unlink(missing_ok=True)
    if read_file(place) == file:
        return
    if file is None:
        place.unlink(missing_ok=True)
        _prune(place.parent, root)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if file.mode == LINK:
        beside.symlink_to(os.fsdecode(file.data))
    else:
        beside.write_bytes(file.data)
        mode = place.stat().st_mode & 0o777 if place.is_file() else 0o666 & ~_umask()
        readers = (mode & 0o444) >> 2
        beside.chmod(mode | readers if file.mode == PROGRAM else mode & ~0o111)
    beside.replace(place)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _prune(folder: Path, root: Path) -> None:
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
