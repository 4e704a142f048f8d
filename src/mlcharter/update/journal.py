"""Changing many files as one: after `kill -9` at any moment, it is finished or taken back.

The new and the old contents are in a folder inside `.git`, with a list that is put in place last.
From then on the change counts: whoever comes next replays it, or takes it back.
A file that is neither what it was nor what it becomes was edited meanwhile; it is not overwritten.

A repository may come with a `.git` that somebody else made: a journal that is damaged, or that
names a path outside the repository or in `.git`, is a UserError before anything is written.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Unreadable
from mlcharter.support.plain import plain
from mlcharter.update.merging.trees import LINK, PLAIN, PROGRAM, File, read_file

_BUILDING, _PENDING, _LAST, _RESCUED = "building", "pending", "last", "rescued"
_GONE = "gone"  # a journal that is being removed
_LIST = "list.json"
_LARGEST = 1024 * 1024 * 1024


@dataclass(frozen=True)
class Step:
    """One path from what it was to what it becomes; None is no file."""

    path: str
    old: File | None
    new: File | None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; a second one is refused. A killed process lets go."""
    with writing.locked(*_at(folder, "lock")) as held:
        if not held:
            raise UserError(
                "another update of this repository is running", hint="wait until it is done"
            )
        for name in (_BUILDING, _GONE):
            writing.remove_folder(*_at(folder, name))
        yield


def begin(folder: Path, steps: Sequence[Step], about: str, index: str) -> None:
    """Write everything down; when this returns, the change can be finished by anyone.

    `index` is what Git's index is told in the end.
    """
    listed = []
    for number, step in enumerate(steps):
        entry: dict[str, object] = {"path": step.path}
        for side, file in (("old", step.old), ("new", step.new)):
            if file is not None:
                writing.replace(*_at(folder, _BUILDING, f"{number}.{side}"), file.data)
                entry[side] = file.mode
        listed.append(entry)
    content = json.dumps({"about": about, "index": index, "steps": listed})
    writing.replace(*_at(folder, _BUILDING, _LIST), content.encode())
    _forget(folder, _LAST)
    _rename(folder, _BUILDING, _PENDING)


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
    steps, index = _read(folder, _PENDING)
    _refuse_links(root, steps)
    edited = [s.path for s in steps if read_file(root / s.path) not in (s.old, s.new)]
    if edited:
        raise UserError(
            f"{edited[0]} was edited after the update had begun",
            hint="undo that edit and update again, or run `mlcharter update --abort`",
        )
    for step in steps:
        _put(root, step.path, step.new)
    tell(index)
    _rename(folder, _PENDING, _LAST)
    return bool(index)


def take_back(folder: Path, root: Path) -> list[str]:
    """Undo an update, interrupted or done; returns the paths whose later edits were set aside."""
    name = _PENDING if pending(folder) is not None else _LAST
    steps, _ = _read(folder, name)
    _refuse_links(root, steps)
    rescued = []
    for step in steps:
        now = read_file(root / step.path)
        if now not in (step.old, step.new) and now is not None:
            writing.replace(*_at(folder, _RESCUED, step.path), now.data)
            rescued.append(step.path)
        _put(root, step.path, step.old)
    _forget(folder, name)
    return rescued


def rescued(folder: Path) -> Path:
    """Where `take_back` sets edits aside."""
    return folder / _RESCUED


# The journal on disk


def _at(folder: Path, *names: str) -> tuple[Path, str]:
    """A place in the journal, as a path below the Git directory, in which no link is followed."""
    top = folder.parents[1]
    return top, "/".join((folder.relative_to(top).as_posix(), *names))


def _rename(folder: Path, old: str, new: str) -> None:
    writing.rename(folder.parents[1], _at(folder, old)[1], _at(folder, new)[1])


def _forget(folder: Path, name: str) -> None:
    """Remove a part of the journal, from one moment to the next."""
    if os.path.lexists(folder / name):
        _rename(folder, name, _GONE)
        writing.remove_folder(*_at(folder, _GONE))


def _damaged(folder: Path, reason: str) -> UserError:
    return UserError(
        f"{folder} is not what `mlcharter update` wrote: {reason}",
        hint="remove that folder, then look at `git status`",
    )


def _about(folder: Path) -> str | None:
    """What a journal is about, on one line; None where there is none."""
    return plain(_list(folder)["about"]) if os.path.lexists(folder) else None


def _list(folder: Path) -> dict[str, Any]:
    """The list of a journal; an error unless it is one that `begin` could have written."""
    data = _content(folder, _LIST)
    try:
        listed = json.loads(data)
    except (ValueError, RecursionError):
        raise _damaged(folder, f"{_LIST} is not JSON") from None
    if not isinstance(listed, dict) or not isinstance(listed.get("steps"), list):
        raise _damaged(folder, f"{_LIST} has no steps")
    if not all(isinstance(listed.get(key), str) for key in ("about", "index")):
        raise _damaged(folder, f"{_LIST} has no `about` and no `index`")
    if not _encodes(listed["index"]):
        raise _damaged(folder, "its `index` is no text")
    for entry in listed["steps"]:
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str) or not writing.is_below(path) or writing.is_git(path):
            raise _damaged(folder, f"it names {path!r}, which is no file of the repository")
        if any(entry[side] not in (LINK, PLAIN, PROGRAM) for side in {"old", "new"} & entry.keys()):
            raise _damaged(folder, f"it gives {path!r} a mode that no file has")
    return listed


def _encodes(text: str) -> bool:
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True


def _content(folder: Path, name: str) -> bytes:
    """A file of a journal; links are not followed to it."""
    top, path = _at(folder.parent, folder.name, name)
    if any((top / part).is_symlink() for part in (path, *map(str, Path(path).parents))):
        raise _damaged(folder, "there is a link in its path")
    data = Folder(top).read(path, _LARGEST)
    if isinstance(data, Unreadable):
        raise _damaged(folder, f"{name} {data.message}")
    return data


def _read(folder: Path, name: str) -> tuple[list[Step], str]:
    """The steps of a journal, and what Git's index is told."""
    listed = _list(folder / name)
    steps = []
    for number, entry in enumerate(listed["steps"]):
        files = [
            File(_content(folder / name, f"{number}.{side}"), entry[side])
            if side in entry
            else None
            for side in ("old", "new")
        ]
        steps.append(Step(entry["path"], *files))
    return steps, listed["index"]


# Writing the repository


def _refuse_links(root: Path, steps: Sequence[Step]) -> None:
    """Refuse links in place of folders, before the first file is written."""
    for step in steps:
        writing.remove_stale(root, step.path)


def _put(root: Path, path: str, file: File | None) -> None:
    """Make a path what it is to be, at once or not at all."""
    now = read_file(root / path)
    if file is None and (now is not None or not os.path.lexists(root / path)):
        writing.remove(root, path)  # and the folders that were made for it
    elif file is None or now == file:
        return
    elif file.mode == LINK:
        writing.link(root, path, file.data)
    else:
        executable = file.mode == PROGRAM
        writing.replace(root, path, file.data, executable=executable, over_link=True)
