"""Merge tables: columns by their header, rows by their first cell, and then cell by cell.

The widths of columns are layout: a table with padded cells is padded again after the merge.
"""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from mlcharter.update.merging.layout import measure_width, strip_layout
from mlcharter.update.merging.sequence import Result, Triple, add_markers, align, measure_similarity


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
        self.lines = text.removesuffix("\n").split("\n")
        lines = self.lines
        self.header = _split_cells(lines[0]) if text else []
        self.rule = _split_cells(lines[1]) if len(lines) > 1 else []
        self.rule += ["---"] * (len(self.header) - len(self.rule))
        self.alignment = [(cell[:1] == ":", cell[-1:] == ":") for cell in self.rule]
        seen: Counter[str] = Counter()
        self.columns = [
            _Cell(_number_key(seen, strip_layout(name)), strip_layout(name), at)
            for at, name in enumerate(self.header)
        ]
        seen = Counter()
        self.top = lines[:2]
        self.rows = []
        for line in lines[2:]:
            cells = _split_cells(line)
            name = strip_layout(cells[0]) if cells else ""
            self.rows.append(
                _Row(_number_key(seen, name), " | ".join(map(strip_layout, cells)), cells, line)
            )

    def is_padded(self) -> bool:
        """Return whether cells are padded, so that the bars are below each other."""
        if len({tuple(_find_bars(line)) for line in self.lines}) > 1 or not self.header:
            return False
        padded = any(re.search(r"\S {2,}\||\| {2,}\S", line) for line in self.lines)
        return padded or _pad_table(self.lines, self.alignment) == self.lines


def merge_table(base: str, theirs: str, ours: str) -> Result:
    """Merge three tables; a cell that both sides changed makes its row a conflict."""
    old, new, mine = _Table(base), _Table(theirs), _Table(ours)
    columns = align(
        old.columns, new.columns, mine.columns, lambda a, b: _is_renamed(a, b, old, new)
    )
    notes: list[str] = []
    columns = [c for c in columns if _keep_column(c, old, mine, notes)]
    alignment = [_merge_alignment(column, old, new, mine) for column in columns]
    lines = _merge_top(columns, alignment, old, new, mine)
    conflict = False
    for row in align(old.rows, new.rows, mine.rows, _is_similar):
        line = _merge_row(row, columns, mine, notes)
        if line is None and row.ours and row.theirs:
            conflict = True
            line = add_markers(row.ours.line, row.theirs.line).rstrip("\n")
        if line:
            lines.append(line)
    if mine.is_padded() and not conflict:
        lines = _pad_table(lines, alignment)
    ending = "\n" if ours.endswith("\n") or theirs.endswith("\n") else ""
    return Result("\n".join(lines) + ending, conflict, notes)


def strip_table(text: str) -> str:
    """Return the content of a table without the widths and alignment of its columns."""
    table = _Table(text)
    return " | ".join([*map(strip_layout, table.header), *(row.same for row in table.rows)])


_Alignment = tuple[bool, bool]  # whether there is a colon on the left, and on the right
_LEFT: _Alignment = (False, False)


def _merge_alignment(column: Triple[_Cell], old: _Table, new: _Table, mine: _Table) -> _Alignment:
    """Return the alignment of a column: ours, unless only the template changed it."""
    b, t, o = (
        table.alignment[cell.at] if cell else None
        for table, cell in ((old, column.base), (new, column.theirs), (mine, column.ours))
    )
    chosen = t if o is None or (t is not None and o == b) else o
    return chosen or _LEFT


def _merge_top(
    columns: list[Triple[_Cell]],
    alignment: list[_Alignment],
    old: _Table,
    new: _Table,
    mine: _Table,
) -> list[str]:
    """Return the header and the delimiter row below it."""
    names, rules = [], []
    for column, merged in zip(columns, alignment, strict=True):
        b, t, o = column.base, column.theirs, column.ours
        take = t if o is None or (b and t and o.same == b.same and t.same != b.same) else o
        assert take is not None
        names.append((new if take is t else mine).header[take.at])
        same = o is not None and mine.alignment[o.at] == merged
        rules.append(mine.rule[o.at] if o is not None and same else _format_rule(merged, 3))
    for table in (mine, new):
        if names == table.header and alignment == table.alignment[: len(names)]:
            return list(table.top)
    return [_format_line(names), f"|{'|'.join(rules)}|"]


def _format_rule(alignment: _Alignment, size: int) -> str:
    left, right = alignment
    dashes = "-" * max(1, size - left - right)
    return f"{':' if left else ''}{dashes}{':' if right else ''}"


def _pad_table(lines: Sequence[str], alignment: Sequence[_Alignment]) -> list[str]:
    """Return the lines of a table with cells as wide as the widest of their column."""
    rows = [_split_cells(line) for line in lines]
    count = len(alignment)
    rows = [[*cells, *[""] * (count - len(cells))] for cells in rows]
    sizes = [
        max(3, *(measure_width(cells[at]) for number, cells in enumerate(rows) if number != 1))
        for at in range(count)
    ]
    out = []
    for number, cells in enumerate(rows):
        if number == 1:
            cells = [_format_rule(*one) for one in zip(alignment, sizes, strict=True)]
        shown = map(_pad, cells, [*sizes, *[0] * len(cells)], [*alignment, *[_LEFT] * len(cells)])
        out.append(_format_line(list(shown)))
    return out


def _pad(cell: str, size: int, alignment: _Alignment) -> str:
    left, right = alignment
    blanks = max(0, size - measure_width(cell))
    before = blanks // 2 if left and right else blanks if right else 0
    return f"{' ' * before}{cell}{' ' * (blanks - before)}"


def _merge_row(
    row: Triple[_Row], columns: list[Triple[_Cell]], mine: _Table, notes: list[str]
) -> str | None:
    """Return the merged line; empty if the row is removed, None if a cell conflicts."""
    b, t, o = row.base, row.theirs, row.ours
    if o is None:
        if t is None or b is not None:
            return ""
    elif t is None and b is not None:
        if o.same == b.same:
            return ""
        notes.append(f"row “{o.cells[0]}” was removed by the template; yours is kept")
    cells = []
    for column in columns:
        values = [
            _get_cell(version, cell)
            for version, cell in ((b, column.base), (t, column.theirs), (o, column.ours))
        ]
        merged = _merge_cell(*values)
        if merged is None:
            return None
        cells.append(merged)
    same_columns = [c.ours.at if c.ours else -1 for c in columns] == list(range(len(mine.header)))
    if o is not None and same_columns and cells == o.cells:
        return o.line
    if t is not None and cells == t.cells:
        return t.line
    return _format_line(cells)


def _merge_cell(base: str | None, theirs: str | None, ours: str | None) -> str | None:
    b, t, o = (strip_layout(value) if value is not None else None for value in (base, theirs, ours))
    if ours is None or (o == b and theirs is not None and t != b):
        return theirs or ""
    if theirs is None or t in (b, o):
        return ours
    return ours if not theirs else theirs if not ours else None


def _get_cell(row: _Row | None, cell: _Cell | None) -> str | None:
    if row is None or cell is None:
        return None
    return row.cells[cell.at] if cell.at < len(row.cells) else ""


def _keep_column(column: Triple[_Cell], old: _Table, mine: _Table, notes: list[str]) -> bool:
    """Return whether a column is in the result.

    A column that we deleted is not; one that the template removed is if we filled it in.
    """
    if column.ours is None:
        return column.base is None
    if column.base is None or column.theirs is not None:
        return True
    before = {row.key: strip_layout(_get_cell(row, column.base) or "") for row in old.rows}
    filled = any(
        strip_layout(_get_cell(row, column.ours) or "") not in ("", before.get(row.key))
        for row in mine.rows
    )
    if filled:
        notes.append(f"column “{column.ours.same}” was removed by the template; yours is kept")
    return filled


def _is_renamed(a: _Cell, b: _Cell, old: _Table, new: _Table) -> bool:
    """Return whether two headers are the same column: same position, same number of columns."""
    return a.at == b.at and len(old.header) == len(new.header)


def _is_similar(a: _Row, b: _Row) -> bool:
    rest = " ".join(a.cells[1:])
    return (bool(rest.strip()) and rest == " ".join(b.cells[1:])) or measure_similarity(
        a.same, b.same
    ) > 0.6


def _split_cells(line: str) -> list[str]:
    text = line.strip()
    text = text[1:] if text.startswith("|") else text
    text = text[:-1] if text.endswith("|") and not text.endswith("\\|") else text
    return [" ".join(cell.split()) for cell in _BAR.split(text)]


_BAR = re.compile(r"(?<!\\)\|")


def _find_bars(line: str) -> list[int]:
    """Return the terminal columns of the bars in a line."""
    at, places = 0, []
    for part in _BAR.split(line.rstrip())[:-1]:
        at += measure_width(part) + 1
        places.append(at)
    return places


def _format_line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number_key(seen: Counter[str], name: str) -> Hashable:
    seen[name] += 1
    return (name, seen[name])
