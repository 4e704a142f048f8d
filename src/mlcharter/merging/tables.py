"""Merging tables: columns by their header, rows by their first cell, and then cell by cell."""

import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

from mlcharter.merging.sequence import Result, Triple, likeness, marked, triples


@dataclass(eq=False)
class _Cell:
    key: Hashable
    same: str
    at: int
    kind: str = "cell"


@dataclass(eq=False)
class _Row:
    key: Hashable
    same: str
    cells: list[str]
    line: str
    kind: str = "row"


class _Table:
    def __init__(self, text: str) -> None:
        # `splitlines` would also break a row at a form feed, or at U+2028 in a cell.
        lines = text.removesuffix("\n").split("\n")
        self.header = _cells(lines[0]) if text else []
        self.rule = _cells(lines[1]) if len(lines) > 1 else []
        seen: Counter[str] = Counter()
        self.columns = [
            _Cell(_counted(seen, name), name, at) for at, name in enumerate(self.header)
        ]
        seen = Counter()
        self.top = lines[:2]
        self.rows = []
        for line in lines[2:]:
            cells = _cells(line)
            name = cells[0] if cells else ""
            self.rows.append(_Row(_counted(seen, name), " | ".join(cells), cells, line))


def table(base: str, theirs: str, ours: str) -> Result:
    """A new column or row of the template lands in the filled table; a clash marks its row."""
    old, new, mine = _Table(base), _Table(theirs), _Table(ours)
    columns = triples(old.columns, new.columns, mine.columns, lambda a, b: _renamed(a, b, old, new))
    notes: list[str] = []
    columns = [c for c in columns if _stays(c, old, mine, notes)]
    lines = _top(columns, old, new, mine)
    conflict = False
    for row in triples(old.rows, new.rows, mine.rows, _alike):
        line = _row(row, columns, mine, notes)
        if line is None and row.ours and row.theirs:
            conflict = True
            line = marked(row.ours.line, row.theirs.line).rstrip("\n")
        if line:
            lines.append(line)
    ended = "\n" if ours.endswith("\n") or theirs.endswith("\n") else ""
    return Result("\n".join(lines) + ended, conflict, notes)


def _top(columns: list[Triple[_Cell]], old: _Table, new: _Table, mine: _Table) -> list[str]:
    """The header and the rule below it."""
    names = []
    rules = []
    for column in columns:
        b, t, o = column.base, column.theirs, column.ours
        take = t if o is None or (b and t and o.same == b.same) else o
        assert take is not None
        source = new if take is t else mine
        names.append(take.same)
        rules.append(source.rule[take.at] if take.at < len(source.rule) else "---")
    if names == mine.header:
        return mine.top
    return new.top if names == new.header else [_line(names), f"|{'|'.join(rules)}|"]


def _row(
    row: Triple[_Row], columns: list[Triple[_Cell]], mine: _Table, notes: list[str]
) -> str | None:
    """The merged line; empty when the row goes, None when one of its cells clashes."""
    b, t, o = row.base, row.theirs, row.ours
    if o is None:
        if t is None or b is not None:
            return ""
    elif t is None and b is not None:
        if o.same == b.same:
            return ""
        notes.append(f"row “{o.cells[0]}” was retired; yours is kept")
    cells = []
    for column in columns:
        values = [
            _at(version, cell)
            for version, cell in ((b, column.base), (t, column.theirs), (o, column.ours))
        ]
        merged = _value(*values)
        if merged is None:
            return None
        cells.append(merged)
    same_columns = [c.ours.at if c.ours else -1 for c in columns] == list(range(len(mine.header)))
    if o is not None and same_columns and cells == o.cells:
        return o.line
    if t is not None and cells == t.cells:
        return t.line
    return _line(cells)


def _value(base: str | None, theirs: str | None, ours: str | None) -> str | None:
    if ours is None or (ours == base and theirs is not None):
        return theirs or ""
    if theirs is None or theirs in (base, ours):
        return ours
    return ours if not theirs else theirs if not ours else None


def _at(row: _Row | None, cell: _Cell | None) -> str | None:
    if row is None or cell is None:
        return None
    return row.cells[cell.at] if cell.at < len(row.cells) else ""


def _stays(column: Triple[_Cell], old: _Table, mine: _Table, notes: list[str]) -> bool:
    """Whether a column is in the result: ours to delete, and the template's while it is empty."""
    if column.ours is None:
        return column.base is None
    if column.base is None or column.theirs is not None:
        return True
    before = {row.key: _at(row, column.base) for row in old.rows}
    filled = any(_at(row, column.ours) not in ("", before.get(row.key)) for row in mine.rows)
    if filled:
        notes.append(f"column “{column.ours.same}” was retired; yours is kept")
    return filled


def _renamed(a: _Cell, b: _Cell, old: _Table, new: _Table) -> bool:
    """A header in the same place with the same number of columns around is the same column."""
    return a.at == b.at and len(old.header) == len(new.header)


def _alike(a: _Row, b: _Row) -> bool:
    rest = " ".join(a.cells[1:])
    return (bool(rest.strip()) and rest == " ".join(b.cells[1:])) or likeness(a.same, b.same) > 0.6


def _cells(line: str) -> list[str]:
    text = line.strip()
    text = text[1:] if text.startswith("|") else text
    text = text[:-1] if text.endswith("|") and not text.endswith("\\|") else text
    return [" ".join(cell.split()) for cell in _BAR.split(text)]


_BAR = re.compile(r"(?<!\\)\|")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _counted(seen: Counter[str], name: str) -> Hashable:
    seen[name] += 1
    return (name, seen[name])
