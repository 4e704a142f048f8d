"""Merging contracts by their YAML keys; comments and layout are those of our text.

Text is taken over in whole entries, and values are spliced in at the places that the parser names.
A block that is not the YAML that we read merges by lines.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mlcharter import yamlblock
from mlcharter.merging import prose
from mlcharter.merging.sequence import Result, Triple, marked, triples
from mlcharter.yamlblock import Mark, Tree

_FENCE = re.compile(
    r"(?P<head>.*?^[ ]*(?P<fence>`{3,}|~{3,})[^\n]*\n)(?P<yaml>.*)", re.DOTALL | re.M
)


def contract(base: str, theirs: str, ours: str) -> Result:
    """Merge three contracts with their markers and fences; an empty `base` merges two additions."""
    found = [_FENCE.fullmatch(text) for text in (base, theirs, ours)]
    if any(match is None for match in found[1:]):
        return prose.lines(base, theirs, ours)
    bodies = [_body(match) if match else ("", "") for match in found]
    merged = by_key(*(body for body, _ in bodies))
    if merged is None:
        return prose.lines(base, theirs, ours)
    assert found[2] is not None
    merged.text = found[2]["head"] + merged.text + bodies[2][1]
    return merged


def _body(match: re.Match[str]) -> tuple[str, str]:
    """The YAML, and the line that closes the fence."""
    lines = match["yaml"].splitlines(keepends=True)
    end = len(lines) - 1 if lines and lines[-1].strip().startswith(match["fence"]) else len(lines)
    return "".join(lines[:end]), "".join(lines[end:])


def by_key(base: str, theirs: str, ours: str) -> Result | None:
    """Merge three YAML texts; None when one of them can't be taken apart."""
    apart = [_Apart(text) for text in (base, theirs, ours)]
    if any(a.entries is None for a in apart) or len({type(a.value) for a in apart if a.value}) > 1:
        return None
    old, new, mine = (a.entries or [] for a in apart)
    if base.strip() and not old:
        return None
    woven = triples(old, new, mine, lambda a, b: a.blank and b.blank)
    blank = next((t for t in woven if t.base and t.theirs and t.base.blank), None)
    out = Result("")
    for triple in woven:
        if blank is not None and triple.base is None and triple.theirs is None:
            triple = Triple(blank.base, blank.theirs, triple.ours)
        merged = _entry(triple)
        out.text += merged.text
        out.conflict = out.conflict or merged.conflict
        out.notes += merged.notes
    if not out.conflict and yamlblock.parse(out.text).problem is not None:
        return None
    return out


@dataclass(eq=False)
class _Entry:
    """A key of a mapping or an entry of a list, with the comments above it."""

    key: Hashable
    text: str
    same: str
    blank: bool  # an entry of a list that only shows which keys there are
    inside: str | int
    kind: str = "entry"


class _Apart:
    """A block of YAML as its entries; None when it is written in one line or can't be read."""

    def __init__(self, text: str) -> None:
        tree = yamlblock.parse(text)
        self.value = tree.value
        self.entries: list[_Entry] | None = None
        if tree.problem is not None:
            return
        if not text.strip():
            self.entries = []
        elif isinstance(tree.value, dict | list) and _first(text) not in ("[", "{"):
            self.entries = list(_entries(text, tree))


def _first(text: str) -> str:
    rows = (row.strip() for row in text.splitlines())
    return next((row[0] for row in rows if row and row[0] != "#"), "")


def _entries(text: str, tree: Tree) -> Iterator[_Entry]:
    rows = text.splitlines(keepends=True)
    places: Iterable[Any] = tree.value if isinstance(tree.value, dict) else range(len(tree.value))
    paths = list(places)
    starts = [_above(rows, _line(rows, tree, path) - 1) for path in paths]
    if starts:
        starts[0] = 0
    seen: Counter[Hashable] = Counter()
    for path, start, end in zip(paths, starts, [*starts[1:], len(rows)], strict=True):
        value = tree.value[path]
        name = path if isinstance(tree.value, dict) else _identity(value)
        blank = (
            isinstance(tree.value, list)
            and isinstance(value, dict)
            and not any(part is not None for part in value.values())
        )
        seen[name] += 1
        own = "".join(rows[start:end])
        key = None if blank else (str(name), seen[name])
        yield _Entry(key, own, " ".join(own.split()), blank, path)


def _line(rows: list[str], tree: Tree, path: str | int) -> int:
    """The line on which an entry begins, counted from 1."""
    if isinstance(path, str):
        return tree.key(path).line
    line = tree.mark(path).line
    column = tree.mark().column - 1
    while line > 1 and rows[line - 1][column : column + 1] != "-":
        line -= 1
    return line


def _above(rows: list[str], at: int) -> int:
    """The first of the comment lines that belong to the entry on a line."""
    indent = len(rows[at]) - len(rows[at].lstrip())
    while at and (
        not rows[at - 1].strip()
        or (rows[at - 1].lstrip().startswith("#") and rows[at - 1].index("#") <= indent)
    ):
        at -= 1
    return at


def _identity(value: Any) -> str:
    if not isinstance(value, dict):
        return repr(value)
    for name in ("id", "name"):
        if value.get(name) is not None:
            return repr(value[name])
    return repr(next(iter(value.values()), None))


def _entry(triple: Triple[_Entry]) -> Result:
    b, t, o = triple.base, triple.theirs, triple.ours
    if o is None:
        return Result(t.text if t is not None and b is None else "")
    if t is None:
        if b is None:
            return Result(o.text)
        if o.same == b.same:
            return Result("")
        return Result(o.text, notes=[f"`{o.inside}` was retired; what you filled in is kept"])
    if b is not None and (o.same == b.same or t.same == b.same):
        return Result(o.text if t.same == b.same else t.text)
    if o.same == t.same:
        return Result(o.text)
    merged = _merged(b.text if b else "", t.text, o.text)
    return merged or Result(marked(o.text, t.text), conflict=True)


def _merged(base: str, theirs: str, ours: str) -> Result | None:
    """An entry that both sides changed; None when that is a clash."""
    dashes = [_DASH.search(text) for text in (theirs, ours)]
    if all(dashes):
        return _listed(base, theirs, ours)
    split = [_Pair(text) for text in (base, theirs, ours)]
    b, t, o = split
    if not (t.readable and o.readable and (b.readable or not base)):
        return None
    if t.nested and o.nested and (b.nested or not base):
        inner = by_key(b.value_text, t.value_text, o.value_text)
        if inner is None:
            return None
        head = t.before if o.before == b.before else o.before
        inner.text = head + inner.text
        return inner
    value = _value(b, t, o)
    if value is None:
        return None
    before = t.before if _flat(o.before) == _flat(b.before) else o.before
    after = t.after if _flat(o.after) == _flat(b.after) else o.after
    if after.lstrip().startswith("#") and not after.startswith(" "):
        after = f"  {after}"
    if before.endswith(":") and value:
        before += " "
    return Result(before + value + after)


_DASH = re.compile(r"^(?P<indent> *)-(?= )", re.MULTILINE)


def _listed(base: str, theirs: str, ours: str) -> Result | None:
    """An entry of a list: the mapping behind its dash, merged by key."""
    opened = [_undashed(text) for text in (base, theirs, ours)]
    if not all(isinstance(yamlblock.parse(text).value, dict) for text in opened[1:]):
        return None
    merged = by_key(*opened)
    if merged is not None:
        first = next((row for row in merged.text.splitlines() if _says(row)), "")
        if first.startswith("<<<<<<<"):
            return None
        merged.text = _dashed(merged.text, ours)
    return merged


def _undashed(text: str) -> str:
    return _DASH.sub(lambda found: f"{found['indent']} ", text, count=1)


def _dashed(text: str, ours: str) -> str:
    found = _DASH.search(ours)
    assert found is not None
    rows = text.splitlines(keepends=True)
    at = next(k for k, row in enumerate(rows) if _says(row))
    indent = len(found["indent"])
    rows[at] = f"{found['indent']}-{rows[at][indent + 1 :]}"
    return "".join(rows)


def _says(row: str) -> bool:
    return bool(row.strip()) and not row.lstrip().startswith("#")


class _Pair:
    """`key: value  # comment` taken apart: what stands before the value, the value, and after."""

    def __init__(self, text: str) -> None:
        tree = yamlblock.parse(text)
        self.readable = isinstance(tree.value, dict) and len(tree.value) == 1
        self.before = self.value_text = self.after = ""
        self.value: Any = None
        self.nested = False
        if not self.readable:
            return
        (key,) = tree.value
        self.value = tree.value[key]
        start, end = tree.span(key)
        first = tree.key(key)
        self.nested = isinstance(self.value, dict | list) and start.line > first.line
        if self.nested:
            start, end = Mark(first.line + 1, 1), Mark(text.count("\n") + 2, 1)
        rows = text.splitlines(keepends=True)
        a, z = _offset(rows, start), _offset(rows, end)
        self.before, self.value_text, self.after = text[:a], text[a:z], text[z:]


def _offset(rows: list[str], mark: Mark) -> int:
    return sum(map(len, rows[: mark.line - 1])) + mark.column - 1


def _value(b: _Pair, t: _Pair, o: _Pair) -> str | None:
    """The value's text; None for a clash. What one side left at `null` is the other's."""
    if b.readable and t.value == b.value:
        return o.value_text
    if b.readable and o.value == b.value:
        return t.value_text
    if t.value == o.value or t.value is None:
        return o.value_text
    if o.value is None:
        return t.value_text
    if isinstance(t.value, dict) and isinstance(o.value, dict):
        return _flow(b.value if isinstance(b.value, dict) else {}, t, o)
    if all(isinstance(value, list) for value in (b.value, t.value, o.value)):
        return _flow_list(b.value, t, o)
    return None


def _flow(base: dict[str, Any], t: _Pair, o: _Pair) -> str | None:
    """`{a: 1, b: 2}`: new keys are added at the end; a key that both changed is a clash."""
    text = o.value_text
    for key, value in t.value.items():
        if key in o.value and o.value[key] == value:
            continue
        if key in base and (value == base[key] or key not in o.value):
            continue
        tree = yamlblock.parse(t.value_text)
        start, end = tree.span(key)
        new = _slice(t.value_text, start, end)
        if key in o.value:
            if key not in base or o.value[key] != base[key]:
                return None
            mine = yamlblock.parse(text)
            text = _replaced(text, *mine.span(key), new)
        else:
            text = f"{text.rstrip()[:-1].rstrip().rstrip(',')}, {key}: {new}}}"
    return text


def _flow_list(base: list[Any], t: _Pair, o: _Pair) -> str | None:
    """`[a, b]`: what the template added is added; what it removed is a clash."""
    if any(value not in t.value for value in base):
        return None
    tree = yamlblock.parse(t.value_text)
    text = o.value_text.rstrip()
    if not text.startswith("["):
        return None
    for place, value in enumerate(t.value):
        if value not in base and value not in o.value:
            new = _slice(t.value_text, *tree.span(place))
            inner = text[1:-1].strip().rstrip(",")
            text = f"[{inner}, {new}]" if inner else f"[{new}]"
    return text


def _slice(text: str, start: Mark, end: Mark) -> str:
    rows = text.splitlines(keepends=True)
    return text[_offset(rows, start) : _offset(rows, end)]


def _replaced(text: str, start: Mark, end: Mark, new: str) -> str:
    rows = text.splitlines(keepends=True)
    return text[: _offset(rows, start)] + new + text[_offset(rows, end) :]


def _flat(text: str) -> str:
    return " ".join(text.split())
