"""Change many files as one transaction: after `kill -9` it can be finished or reverted.

The old and the new contents are written to a folder inside `.git`, with a list that is renamed into
place last. From then on the next call finishes the change, or reverts it.
A file with neither the old nor the new content was edited meanwhile; it is not overwritten.

A repository may come with a `.git` that somebody else made: a journal that is damaged, or that
names a path outside the repository or in `.git`, is a UserError before anything is written.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
from msgspec import Struct

from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Unreadable
from mlcharter.support.plain import plain
from mlcharter.update.merging.trees import LINK, PROGRAM, File, read_file

_BUILDING, _PENDING, _LAST, _RESCUED = "building", "pending", "last", "rescued"
_REMOVED = "gone"  # a journal that is being removed
_LIST = "list.json"
_LARGEST = 1024 * 1024 * 1024
_Mode = Literal[0o120000, 0o100644, 0o100755]


@dataclass(frozen=True)
class Step:
    """A path with its old and its new file; None is no file."""

    path: str
    old: File | None
    new: File | None


class _Entry(Struct, omit_defaults=True):
    """A step in the list: its path, and the modes of its old and its new file."""

    path: str
    old: _Mode | None = None
    new: _Mode | None = None


class _List(Struct):
    about: str
    index: str
    steps: list[_Entry]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the folder for this process; a second one is a UserError. The lock dies with it."""
    with writing.locked(*_at(folder, "lock")) as acquired:
        if not acquired:
            raise UserError(
                "another update of this repository is running", hint="wait until it is done"
            )
        for name in (_BUILDING, _REMOVED):
            writing.remove_folder(*_at(folder, name))
        yield


def begin(folder: Path, steps: Sequence[Step], about: str, index: str) -> None:
    """Write the journal; when this returns, any later call can finish the change.

    `index` is the input of `git update-index` for the end of the change.
    """
    listed = _List(about, index, [])
    for number, step in enumerate(steps):
        for side, file in (("old", step.old), ("new", step.new)):
            if file is not None:
                writing.replace(*_at(folder, _BUILDING, f"{number}.{side}"), file.data)
        modes: Any = (file and file.mode for file in (step.old, step.new))
        listed.steps.append(_Entry(step.path, *modes))
    content = json.dumps(msgspec.to_builtins(listed))  # a path need not be UTF-8
    writing.replace(*_at(folder, _BUILDING, _LIST), content.encode())
    _remove(folder, _LAST)
    _rename(folder, _BUILDING, _PENDING)


def read_pending(folder: Path) -> str | None:
    """Return the summary of an update that was interrupted; None if there is none."""
    return _read_summary(folder / _PENDING)


def refuse_pending(folder: Path) -> None:
    """Refuse a repository in which an interrupted change is half written."""
    about = read_pending(folder)
    if about is not None:
        raise UserError(
            f"this was interrupted: {about}",
            hint="run `mlcharter update` to finish it, or `mlcharter update --abort`",
        )


def read_paths(folder: Path) -> set[str]:
    """Return the paths that the last update wrote."""
    return {entry.path for entry in _read_list(folder / _LAST).steps}


def read_last(folder: Path) -> str | None:
    """Return the summary of the last update that can still be reverted; None if there is none."""
    return _read_summary(folder / _LAST)


def finish(folder: Path, root: Path, update_index: Callable[[str], None]) -> bool:
    """Write the remaining files and update the index; return whether there are conflicts."""
    steps, index = _read(folder, _PENDING)
    _refuse_links(root, steps)
    edited = [s.path for s in steps if read_file(root / s.path) not in (s.old, s.new)]
    if edited:
        raise UserError(
            f"{edited[0]} was edited after the update started",
            hint="undo that edit and run `mlcharter update` again, or add --abort",
        )
    for step in steps:
        _put(root, step.path, step.new)
    update_index(index)
    _rename(folder, _PENDING, _LAST)
    return bool(index)


def amend_last(folder: Path, path: str, old: File | None, new: File) -> None:
    """Record that the last change wrote a file once more, so that `revert` takes that back too.

    `old` is the file before this, which counts if the change had not written it.
    """
    listed = _read_list(folder / _LAST)
    number = next((n for n, e in enumerate(listed.steps) if e.path == path), len(listed.steps))
    if number == len(listed.steps):
        listed.steps.append(_Entry(path, cast(Any, old and old.mode)))
        if old is not None:
            writing.replace(*_at(folder, _LAST, f"{number}.old"), old.data)
    listed.steps[number].new = cast(Any, new.mode)
    writing.replace(*_at(folder, _LAST, f"{number}.new"), new.data)
    content = json.dumps(msgspec.to_builtins(listed))
    writing.replace(*_at(folder, _LAST, _LIST), content.encode())


def revert(folder: Path, root: Path) -> list[str]:
    """Revert an update, interrupted or done; return the paths whose later edits were moved.

    `find_rescued` is the folder that they are moved to.
    """
    name = _PENDING if read_pending(folder) is not None else _LAST
    steps, _ = _read(folder, name)
    _refuse_links(root, steps)
    moved = []
    for step in steps:
        now = read_file(root / step.path)
        if now not in (step.old, step.new) and now is not None:
            writing.replace(*_at(folder, _RESCUED, step.path), now.data)
            moved.append(step.path)
        _put(root, step.path, step.old)
    _remove(folder, name)
    return moved


def find_rescued(folder: Path) -> Path:
    """Return the folder to which `revert` moves later edits."""
    return folder / _RESCUED


# The journal on disk


def _at(folder: Path, *names: str) -> tuple[Path, str]:
    """Return the Git folder and a path of the journal below it, for calls that follow no links."""
    top = folder.parents[1]
    return top, "/".join((folder.relative_to(top).as_posix(), *names))


def _rename(folder: Path, old: str, new: str) -> None:
    writing.rename(folder.parents[1], _at(folder, old)[1], _at(folder, new)[1])


def _remove(folder: Path, name: str) -> None:
    """Remove a part of the journal atomically."""
    if os.path.lexists(folder / name):
        _rename(folder, name, _REMOVED)
        writing.remove_folder(*_at(folder, _REMOVED))


def _damaged(folder: Path, reason: str) -> UserError:
    return UserError(
        f"{folder} was not written by `mlcharter update`: {reason}",
        hint="remove that folder, then look at `git status`",
    )


def _read_summary(folder: Path) -> str | None:
    """Return the summary of a journal, on one line; None if there is no journal."""
    return plain(_read_list(folder).about) if os.path.lexists(folder) else None


def _read_list(folder: Path) -> _List:
    """Return the list of a journal; one that `begin` can't have written is a UserError."""
    data = _read_content(folder, _LIST)
    try:
        listed = msgspec.convert(json.loads(data), _List)
        os.fsencode(listed.index)  # Git will read it
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise _damaged(folder, f"{_LIST} is not valid: {error}") from None
    for entry in listed.steps:
        if not writing.is_below(entry.path) or writing.is_git(entry.path):
            raise _damaged(folder, f"{entry.path!r} is not a file of the repository")
    return listed


def _read_content(folder: Path, name: str) -> bytes:
    """Return the content of a journal's file, without following links."""
    top, path = _at(folder.parent, folder.name, name)
    if any((top / part).is_symlink() for part in (path, *map(str, Path(path).parents))):
        raise _damaged(folder, "there is a link in its path")
    data = Folder(top).read(path, _LARGEST)
    if isinstance(data, Unreadable):
        raise _damaged(folder, f"{name} {data.message}")
    return data


def _read(folder: Path, name: str) -> tuple[list[Step], str]:
    """Return the steps of a journal, and the input of `git update-index`."""
    listed = _read_list(folder / name)
    steps = []
    for number, entry in enumerate(listed.steps):
        files = [
            File(_read_content(folder / name, f"{number}.{side}"), mode) if mode else None
            for side, mode in (("old", entry.old), ("new", entry.new))
        ]
        steps.append(Step(entry.path, *files))
    return steps, listed.index


# Writing the repository


def _refuse_links(root: Path, steps: Sequence[Step]) -> None:
    """Refuse links where folders are expected, before the first file is written."""
    for step in steps:
        writing.remove_stale(root, step.path)


def _put(root: Path, path: str, file: File | None) -> None:
    """Write or remove a file atomically."""
    now = read_file(root / path)
    if file is None and (now is not None or not os.path.lexists(root / path)):
        writing.remove(root, path)  # with the folders that were created for it
    elif file is None or now == file:
        return
    elif file.mode == LINK:
        writing.link(root, path, file.data)
    else:
        executable = file.mode == PROGRAM
        writing.replace(root, path, file.data, executable=executable, over_link=True)
