"""Find the repositories of a fleet: folders of clones, bare mirrors, and lists of them."""

import csv
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from mlcharter.formats import model_errors
from mlcharter.formats.models import Part, Text
from mlcharter.support import files, git
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import remedy
from mlcharter.template import answers

_DEPTH = 3  # folders below a source: host, group, repository
_LARGEST_LIST = 64 * 1024 * 1024
_LISTS = (".csv", ".json", ".txt")


class Listed(Part, frozen=True, kw_only=True):
    """A line of a list: a repository by its path, and what the list says about it.

    A relative path starts at the folder of the list. `url` is its page at its host, to which
    reports link.
    """

    path: Text
    name: str = ""
    owner: str = ""
    tier: str = ""
    wave: str = ""
    url: str = ""


class Member(Struct, frozen=True):
    """A repository of the fleet, at `place`; `listed` is what a list says about it."""

    name: str
    place: Path
    listed: Listed

    @property
    def bare(self) -> bool:
        return git.is_bare(self.place)

    def refuse_missing(self) -> None:
        """Raise a UserError if there is no folder at the place."""
        if not self.place.is_dir():
            raise UserError(f"{self.place} is not a folder", hint="clone it, or correct the list")


def find(sources: Sequence[Path]) -> list[Member]:
    """Return the repositories of sources, each once, in the order of the sources.

    A source is a repository, a folder with repositories up to three folders deep, a text file with
    a path in each line, or a list as CSV or JSON with the fields of `Listed`.
    """
    found: dict[Path, Member] = {}
    for source in sources:
        before = len(found)
        for member in _members(source):
            found.setdefault(member.place, member)
        if len(found) == before and source.is_dir() and not found:
            raise UserError(
                f"there is no repository in {source}",
                hint="name a folder of clones or bare mirrors, or a list of their paths",
            )
    return _with_unique_names(list(found.values()))


def _with_unique_names(members: list[Member]) -> list[Member]:
    """Name members of the same name by their paths, since results are compared by name."""
    seen: dict[str, int] = {}
    for member in members:
        seen[member.name] = seen.get(member.name, 0) + 1
    return [
        msgspec.structs.replace(m, name=str(m.place)) if seen[m.name] > 1 else m for m in members
    ]


def _members(source: Path) -> Iterator[Member]:
    if source.is_dir():
        top = source.resolve()
        for place in _repositories(top, _DEPTH):
            name = place.relative_to(top).as_posix() if place != top else top.name
            yield Member(name.removesuffix(".git"), place, Listed(path=str(place)))
        return
    for listed in _read_list(source):
        place = Path(os.path.abspath(source.parent / listed.path))  # noqa: PTH100
        yield Member(listed.name or listed.path.removesuffix(".git"), place, listed)


def _repositories(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the repositories at or below a folder; what is inside of one is a part of it."""
    if (
        os.path.lexists(folder / ".git")
        or git.is_bare(folder)
        or answers.is_charter(files.Folder(folder))
    ):
        yield folder
        return
    with os.scandir(folder) as entries:
        below = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    if depth:
        for name in below:
            yield from _repositories(folder / name, depth - 1)


def _read_list(source: Path) -> list[Listed]:
    if not source.is_file():
        raise UserError(
            f"{source} does not exist",
            hint=f"name a folder, or a list of paths: a file in {', '.join(_LISTS)}",
        )
    try:
        text = files.whole(source, _LARGEST_LIST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{source} is not UTF-8", hint="save it as UTF-8") from error
    if source.suffix == ".json":
        return _from_json(text, source)
    if source.suffix == ".csv":
        return [_listed(row, source, n) for n, row in enumerate(_csv_rows(text, source), 2)]
    lines = (line.strip() for line in text.splitlines())
    return [Listed(path=line) for line in lines if line and not line.startswith("#")]


def _csv_rows(text: str, source: Path) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for name in reader.fieldnames or ():
        if name not in Listed.__struct_fields__:
            hint = remedy(name, Listed.__struct_fields__)
            raise UserError(f"{source}:1: there is no column `{name}`", hint=hint)
    for row in reader:
        yield {name: value for name, value in row.items() if name and value}


def _from_json(text: str, source: Path) -> list[Listed]:
    try:
        rows = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UserError(f"{source} is not JSON: {error}", hint=_JSON_HINT) from error
    if not isinstance(rows, list):
        raise UserError(f"{source} is not a list", hint=_JSON_HINT)
    return [_listed(row, source, n) for n, row in enumerate(rows, 1)]


_JSON_HINT = 'write `[{"path": "clones/risk", "owner": "@risk"}]`'


def _listed(row: Any, source: Path, number: int) -> Listed:
    for wrong in model_errors.find_mistakes(row, Listed):
        message, _, remedy = wrong.message.partition("; ")
        raise UserError(f"{source}: entry {number} {message}", hint=remedy)
    return msgspec.convert(row, Listed)
