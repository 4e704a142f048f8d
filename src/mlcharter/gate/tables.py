"""Scores as a table: one row a case, with an id, slices, clusters, metrics and baselines.

A table is untrusted. Its size is limited, its ids are unique, and a cell is read as a number only
where a gate needs one.
"""

import math
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from mlcharter.formats import strict_json
from mlcharter.support.errors import UserError
from mlcharter.support.plain import plain

MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CELLS = 5_000_000
ID = "id"
DATASET = "dataset"
JSON_LINES = (".jsonl", ".ndjson")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 400  # characters
_SHOWN = 60  # characters of an id in a message
_SPLIT = "split the file, one for each dataset, and name both"
_HELP = "see `mlcharter explain scores`"


class Source(Struct, frozen=True, kw_only=True, dict=True):
    """A file that may have scores; `name` is how messages call it."""

    name: str
    content: bytes

    @property
    def ending(self) -> str:
        """The ending of the name in lower case, such as `.csv`."""
        dot = self.name.rfind(".")
        return self.name[dot:].lower() if dot >= 0 else ""

    @cached_property
    def text(self) -> str:
        """The content as UTF-8 text, without a byte order mark."""
        try:
            text = self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.content.count(b"\n", 0, error.start) + 1
            raise UserError(f"{self.name}:{line} is not UTF-8", "save the file as UTF-8") from error
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            raise UserError(f"{self.name}:{line} has a NUL character", "save the file as UTF-8")
        return text

    @cached_property
    def documents(self) -> dict[int, Any]:
        """The JSON document of the file, or one of each line, by line; empty without JSON."""
        if self.content[:3].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"[", b""):
            return {}
        if sum(map(self.content.count, (b",", b"[", b"{"))) > MAX_CELLS:
            raise UserError(f"{self.name} has more than {MAX_CELLS} values", _SPLIT)
        if self.ending not in JSON_LINES:
            try:
                return {1: strict_json.loads(self.text)}
            except (ValueError, RecursionError):
                pass  # it may have one document a line
        documents = {}
        for number, line in enumerate(self.text.split("\n"), 1):
            try:
                if line.strip():
                    documents[number] = strict_json.loads(line)
            except (ValueError, RecursionError) as error:
                if not documents and self.ending not in JSON_LINES:
                    return {}
                problem = plain(str(error))
                raise UserError(f"{self.name}:{number} is not JSON: {problem}", _HELP) from error
        return documents


class Table(Struct, frozen=True, kw_only=True):
    """A table by column, whose names are those of `normalise`.

    `places` has the place of each row in the file. An `aggregate` has numbers that another tool
    computed from cases that are not in the file.
    """

    name: str
    columns: Mapping[str, list[Any]]
    places: list[str]
    aggregate: bool = False

    def locate(self, row: int) -> str:
        """Return where a row is, with its id: `scores.csv:8 (q-12)`."""
        return f"{self.name}{self.places[row]} ({plain(self.columns[ID][row][:_SHOWN])})"


def build(
    name: str, header: Iterable[str], rows: Iterable[tuple[str, list[Any]]], aggregate: bool = False
) -> Table:
    """Return a table of rows, each with its place in the file; raise UserError if it is invalid."""
    names = _read_header(name, list(header))
    columns: list[list[Any]] = [[] for _ in names]
    places: list[str] = []
    for place, row in rows:
        if len(row) != len(names):
            counts = f"{len(row)} cells, but the header has {len(names)}"
            raise UserError(f"{name}{place} has {counts}", "quote cells that have the separator")
        if len(places) >= MAX_ROWS or len(places) * len(names) >= MAX_CELLS:
            raise UserError(f"{name} has more than {len(places)} rows", _SPLIT)
        places.append(place)
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
    if not places:
        raise UserError(f"{name} has no rows", "write one row for each case that was evaluated")
    table = Table(
        name=name,
        columns=dict(zip(names, columns, strict=True)),
        places=places,
        aggregate=aggregate,
    )
    _set_ids(table)
    return table


def from_records(
    name: str, records: Iterable[tuple[str, Mapping[str, Any]]], *, aggregate: bool = False
) -> Table:
    """Return a table of records, each with its place; a key that a record lacks is empty."""
    listed = []
    header: dict[str, None] = {}
    for place, record in records:
        listed.append((place, record))
        header.update(dict.fromkeys(record))
        if len(listed) > MAX_ROWS or len(header) > MAX_COLUMNS:
            break  # `build` refuses it
    rows = ((place, [record.get(key) for key in header]) for place, record in listed)
    return build(name, header, rows, aggregate)


def _read_header(name: str, header: list[str]) -> list[str]:
    if len(header) > MAX_COLUMNS:
        raise UserError(
            f"{name} has more than {MAX_COLUMNS} columns", "leave out what no gate uses"
        )
    names: dict[str, str] = {}
    for column in header:
        normal = normalise(column)
        if normal in names:
            both = f"`{plain(names[normal])}` and `{plain(column)}`"
            raise UserError(f"{name} has two columns of one name: {both}", "rename one of them")
        names[normal] = column
    if ID not in names:
        shown = ", ".join(f"`{plain(column)}`" for column in header[:8])
        remedy = f"add a column `id` that names the case in each row; {_HELP}"
        raise UserError(f"{name} has no column `id`, but {shown or 'no column'}", remedy)
    return list(names)


def _set_ids(table: Table) -> None:
    """Make text of the ids; raise UserError for one that is missing or used twice."""
    ids = table.columns[ID]
    seen: dict[str, int] = {}
    for row, value in enumerate(ids):
        ids[row] = as_text(value)
        if not ids[row]:
            place = f"{table.name}{table.places[row]}"
            raise UserError(f"{place} has no `id`", "give each case an id that stays the same")
        if DATASET in table.columns:
            key = f"{as_text(table.columns[DATASET][row])}\0{ids[row]}"
        else:
            key = ids[row]
        if key in seen:
            earlier = f"{table.name}{table.places[seen[key]]}"
            remedy = "write one row a case; for repeated runs, average them or number their ids"
            raise UserError(f"{table.locate(row)} has the same `id` as {earlier}", remedy)
        seen[key] = row


def normalise(name: str) -> str:
    """Return the name of a column as ids are written: `Exact_Match` and `exactMatch` are one.

    A point stays, since it separates a metric from its baseline.
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name.strip())
    return re.sub(r"[^\w.]+|_+", "-", spaced).strip("-").lower()


def as_text(value: Any) -> str:
    """Return a cell as text: the same for `True` in JSON and in CSV, for 3 and 3.0."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text.lower() if text.lower() in ("true", "false") else text


def as_number(value: Any) -> float | None:
    """Return a cell as a finite number, with `true` as 1; None for anything else."""
    if isinstance(value, str):
        text = value.strip()
        if text.lower() in ("true", "false"):
            return float(text.lower() == "true")
        if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
            return None
        value = float(text)
    if not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer beyond the largest float
        return None
    return number if math.isfinite(number) else None
