"""Merge YAML by its keys: config blocks, and files; comments and layout are ours.

New entries are copied as text, and values are replaced at the positions from the parser. A block
that our parser does not accept is merged by lines.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mlcharter.formats import yamlblock
from mlcharter.formats.yamlblock import Mark, Tree
from mlcharter.update.merging import aliases, prose
from mlcharter.update.merging.sequence import Result, Triple, add_markers, align

_FENCE = re.compile(
    r"(?P<head>.*?^[ ]*(?P<fence>`{3,}|~{3,})[^\n]*\n)(?P<yaml>.*)", re.DOTALL | re.M
)


def merge_config(base: str, theirs: str, ours: str) -> Result:
    """Merge three config blocks with markers and fences; an empty `base` merges two additions."""
    matches = [_FENCE.fullmatch(text) for text in (base, theirs, ours)]
    if any(match is None for match in matches[1:]):
        return prose.merge_lines(base, theirs, ours)
    bodies = [_split_body(match) if match else ("", "") for match in matches]
    mine = aliases.expand_aliases(bodies[2][0])
    merged = merge_by_key(bodies[0][0], bodies[1][0], mine) if mine is not None else None
    if merged is None:
        return prose.merge_lines(base, theirs, ours)
    if mine != bodies[2][0]:
        merged.notes.append("your YAML aliases are replaced by their values")
    assert matches[2] is not None
    merged.text = matches[2]["head"] + merged.text + bodies[2][1]
    return merged


def _split_body(match: re.Match[str]) -> tuple[str, str]:
    """Return the YAML, and the line that closes the fence."""
    lines = match["yaml"].splitlines(keepends=True)
    end = len(lines) - 1 if lines and lines[-1].strip().startswith(match["fence"]) else len(lines)
    return "".join(lines[:end]), "".join(lines[end:])


def merge_by_key(base: str, theirs: str, ours: str) -> Result | None:
    """Merge three YAML texts; return None if one of them can't be split into entries."""
    (_, base), (_, theirs), (head, ours) = map(_split_head, (base, theirs, ours))
    indent = _indent(ours)
    texts = (_change_indent(base, indent), _change_indent(theirs, indent), ours)
    values, (old, new, mine) = zip(*map(_read_block, texts), strict=True)
    if old is None or new is None or mine is None or len({type(v) for v in values if v}) > 1:
        return None
    if base.strip() and not old:
        return None
    aligned = align(old, new, mine, lambda a, b: a.blank and b.blank)
    blank = next((t for t in aligned if t.base and t.theirs and t.base.blank), None)
    out = Result("")
    for triple in aligned:
        if blank is not None and triple.base is None and triple.theirs is None:
            triple = Triple(blank.base, blank.theirs, triple.ours)
        merged = _merge_entry(triple)
        out.text += merged.text
        out.conflict = out.conflict or merged.conflict
        out.notes += merged.notes
    out.text = head + out.text
    if not out.conflict and yamlblock.parse(out.text).problem is not None:
        return None
    return out


@dataclass(eq=False)
class _Entry:
    """A key of a mapping or an entry of a list, with the comments above it."""

    key: Hashable
    text: str
    same: str
    blank: bool  # an entry of a list whose values are all null
    name: str
    kind: str = "entry"


def _split_head(text: str) -> tuple[str, str]:
    """Return the `---` at the start of a text, and the rest."""
    head = _DOCUMENT.match(text)
    return (head[0], text[head.end() :]) if head else ("", text)


_DOCUMENT = re.compile(r"---[ ]*\n")


def _indent(text: str) -> int | None:
    """Return the indentation of the entries of a block; None if it has none."""
    return next(
        (len(row) - len(row.lstrip(" ")) for row in text.splitlines() if _has_content(row)), None
    )


def _change_indent(text: str, indent: int | None) -> str:
    """Return a block with its entries at another indentation."""
    by = (indent or 0) - (_indent(text) or 0)
    if indent is None or not by:
        return text
    rows = text.splitlines(keepends=True)
    if by > 0:
        return "".join(f"{' ' * by}{row}" if row.strip() else row for row in rows)
    return "".join(row[min(-by, len(row) - len(row.lstrip(" "))) :] for row in rows)


def _read_block(text: str) -> tuple[Any, list[_Entry] | None]:
    """Return the value and the entries of a block; no entries if it is in flow style or invalid."""
    tree = yamlblock.parse(text)
    if tree.problem is None and not text.strip():
        return tree.value, []
    nested = isinstance(tree.value, dict | list) and _first_character(text) not in ("[", "{")
    return tree.value, list(_split_entries(text, tree)) if nested else None


def _first_character(text: str) -> str:
    return _first_row(text).strip()[:1]


def _split_entries(text: str, tree: Tree) -> Iterator[_Entry]:
    rows = text.splitlines(keepends=True)
    places: Iterable[Any] = tree.value if isinstance(tree.value, dict) else range(len(tree.value))
    paths = list(places)
    starts = [_find_comment_start(rows, _find_line(rows, tree, path) - 1) for path in paths]
    if starts:
        starts[0] = 0
    seen: Counter[Hashable] = Counter()
    for path, start, end in zip(paths, starts, [*starts[1:], len(rows)], strict=True):
        value = tree.value[path]
        name = path if isinstance(tree.value, dict) else _identify(value)
        blank = (
            isinstance(tree.value, list)
            and isinstance(value, dict)
            and not any(part is not None for part in value.values())
        )
        seen[name] += 1
        own = "".join(rows[start:end])
        key = None if blank else (str(name), seen[name])
        yield _Entry(key, own, f"{value!r} {_find_comments(own)}", blank, str(name).strip("'"))


def _find_comments(text: str) -> str:
    return " ".join(" ".join(_COMMENT.findall(text)).split())


_COMMENT = re.compile(r"(?m)(?:^|\s)(#.*)")


def _find_line(rows: list[str], tree: Tree, path: str | int) -> int:
    """Return the first line of an entry, counted from 1."""
    if isinstance(path, str):
        return tree.key(path).line
    line = tree.mark(path).line
    column = tree.mark().column - 1
    while line > 1 and rows[line - 1][column : column + 1] != "-":
        line -= 1
    return line


def _find_comment_start(rows: list[str], at: int) -> int:
    """Return the first comment line that belongs to the entry on a line."""
    indent = len(rows[at]) - len(rows[at].lstrip())
    while at and (
        not rows[at - 1].strip()
        or (rows[at - 1].lstrip().startswith("#") and rows[at - 1].index("#") <= indent)
    ):
        at -= 1
    return at


def _identify(value: Any) -> str:
    if not isinstance(value, dict):
        return repr(value)
    for name in ("id", "name"):
        if value.get(name) is not None:
            return repr(value[name])
    return repr(next(iter(value.values()), None))


def _merge_entry(triple: Triple[_Entry]) -> Result:
    b, t, o = triple.base, triple.theirs, triple.ours
    if o is None:
        return Result(t.text if t is not None and b is None else "")
    if t is None:
        if b is None:
            return Result(o.text)
        if o.same == b.same:
            return Result("")
        return Result(o.text, notes=[f"`{o.name}` was removed by the template; yours is kept"])
    if o.same == t.same or (b is not None and t.same == b.same):
        return Result(o.text)
    if b is None and _DASH.match(_first_row(o.text)):
        return Result(o.text)  # an entry of a list that both added: the team's says what is true
    if b is not None and o.text == b.text:
        return Result(t.text)
    merged = _merge_both(b.text if b else "", t.text, o.text)
    if b is not None and o.same == b.same and (merged is None or merged.conflict):
        return Result(t.text)
    return merged or Result(add_markers(o.text, t.text), conflict=True)


def _merge_both(base: str, theirs: str, ours: str) -> Result | None:
    """Return an entry that both sides changed; None if it conflicts."""
    if all(_DASH.match(_first_row(text)) for text in (theirs, ours)):
        return _merge_list_entry(base, theirs, ours)
    b, t, o = (_Pair(text) for text in (base, theirs, ours))
    if not (t.readable and o.readable and (b.readable or not base)):
        return None
    if o.nested and base and t.value == b.value:
        return Result(ours)  # the template changed a comment at most
    if o.nested and not (t.nested and (b.nested or not base)):
        t, b = t.nest_like(o), b.nest_like(o)
    if t.nested and o.nested and (b.nested or not base):
        inner = merge_by_key(b.value_text, t.value_text, o.value_text)
        if inner is None:
            return None
        head = t.before if o.before == b.before else o.before
        inner.text = head + inner.text
        return inner
    value = _merge_value(b, t, o)
    if value is None:
        return None
    before = t.before if _join_words(o.before) == _join_words(b.before) else o.before
    after = t.after if _join_words(o.after) == _join_words(b.after) else o.after
    if after.lstrip().startswith("#") and not after.startswith(" "):
        after = f"  {after}"
    if before.endswith(":") and value:
        before += " "
    return Result(before + value + after)


_DASH = re.compile(r"^(?P<indent> *)-(?= )", re.MULTILINE)


def _merge_list_entry(base: str, theirs: str, ours: str) -> Result | None:
    """Merge an entry of a list: the mapping after its dash, by key."""
    opened = [_remove_dash(text) for text in (base, theirs, ours)]
    if all(_first_character(text) == "{" for text in opened if text.strip()):
        return _merge_flow_entry(opened[0], opened[1], opened[2], ours)
    if not all(isinstance(yamlblock.parse(text).value, dict) for text in opened[1:]):
        return None
    merged = merge_by_key(*opened)
    if merged is not None:
        if _first_row(merged.text).startswith("<<<<<<<"):
            return None
        merged.text = _add_dash(merged.text, ours)
    return merged


def _merge_flow_entry(base: str, theirs: str, ours: str, dashed: str) -> Result | None:
    """Merge an entry of a list in flow style, like `- {a: 1, b: 2}`."""
    b, t, o = (_Pair(_KEY + text.lstrip(" ")) for text in (base, theirs, ours))
    if not (t.readable and o.readable):
        return None
    value = _merge_value(b, t, o)
    if value is None:
        return None
    lead = len(ours) - len(ours.lstrip(" "))
    return Result(_add_dash(f"{ours[:lead]}{o.before[len(_KEY) :]}{value}{o.after}", dashed))


_KEY = "entry: "  # a temporary key for a flow mapping, so that it can be merged as a pair


def _remove_dash(text: str) -> str:
    return _DASH.sub(lambda dash: f"{dash['indent']} ", text, count=1)


def _add_dash(text: str, ours: str) -> str:
    dash = _DASH.search(ours)
    assert dash is not None
    rows = text.splitlines(keepends=True)
    at = next(k for k, row in enumerate(rows) if _has_content(row))
    indent = len(dash["indent"])
    rows[at] = f"{dash['indent']}-{rows[at][indent + 1 :]}"
    return "".join(rows)


def _has_content(row: str) -> bool:
    return bool(row.strip()) and not row.lstrip().startswith("#") and row.rstrip() != "---"


def _first_row(text: str) -> str:
    return next((row for row in text.splitlines() if _has_content(row)), "")


class _Pair:
    """`key: value  # comment`, split into the text before the value, the value, and after."""

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
        self.before, self.value_text, self.after = _cut(text, start, end)

    def nest_like(self, model: "_Pair") -> "_Pair":
        """Return the pair with a flow-style value rewritten as a block, like that of `model`."""
        if self.nested or not isinstance(self.value, type(model.value)) or not self.value:
            return self
        tree = yamlblock.parse(self.value_text)
        indent = " " * (_indent(model.value_text) or 0)
        places = self.value if isinstance(self.value, dict) else range(len(self.value))
        rows = []
        for place in places:
            lead = f"{place}:" if isinstance(place, str) else "-"
            rows.append(f"{indent}{lead} {_cut(self.value_text, *tree.span(place))[1].strip()}\n")
        after = self.after.strip()
        head = f"{self.before.rstrip()}{f'  {after}' if after else ''}\n"
        return _Pair(head + "".join(rows))


def _cut(text: str, start: Mark, end: Mark) -> tuple[str, str, str]:
    """Return the parts of a text before, between and after two places."""
    rows = text.splitlines(keepends=True)
    a, z = (sum(map(len, rows[: mark.line - 1])) + mark.column - 1 for mark in (start, end))
    return text[:a], text[a:z], text[z:]


def _merge_value(b: _Pair, t: _Pair, o: _Pair) -> str | None:
    """Return the merged value's text; None if it conflicts. `null` gives way to the other value."""
    if b.readable and t.value == b.value:
        return o.value_text
    if b.readable and o.value == b.value:
        return _merge_flow_layout(b, t, o) or t.value_text
    if t.value == o.value or t.value is None:
        return o.value_text
    if o.value is None:
        return t.value_text
    if isinstance(t.value, dict) and isinstance(o.value, dict):
        return _merge_flow(b.value if isinstance(b.value, dict) else {}, t, o)
    if all(isinstance(value, list) for value in (b.value, t.value, o.value)):
        return _merge_flow_list(b.value, t, o)
    return None


def _merge_flow_layout(b: _Pair, t: _Pair, o: _Pair) -> str | None:
    """Return the template's `{a: 1}` in our layout, if we changed only the layout."""
    if o.value_text == b.value_text or not (
        isinstance(b.value, dict) and isinstance(t.value, dict)
    ):
        return None
    text = _merge_flow(b.value, t, o)
    return text if text is not None and yamlblock.parse(text).value == t.value else None


def _merge_flow(base: dict[str, Any], t: _Pair, o: _Pair) -> str | None:
    """Merge `{a: 1, b: 2}`: new keys go to the end; a key that both changed conflicts."""
    text = o.value_text
    if not text.startswith("{") or not t.value_text.startswith("{"):
        return None
    for key, value in t.value.items():
        if key in o.value and o.value[key] == value:
            continue
        if key in base and (value == base[key] or key not in o.value):
            continue
        new = _cut(t.value_text, *yamlblock.parse(t.value_text).span(key))[1]
        if key in o.value:
            if key not in base or o.value[key] != base[key]:
                return None
            before, _, after = _cut(text, *yamlblock.parse(text).span(key))
            text = before + new + after
        else:
            text = _add_key(text, f"{key}: {new}")
    return text


def _add_key(text: str, pair: str) -> str:
    """Return `{a: 1}` with one more pair, on a line of its own if ours are."""
    text = text.rstrip()
    inner = text[:-1].rstrip()
    comma = "," if inner.endswith(",") else ""
    end = text[len(inner) :]
    inner = inner.removesuffix(",")
    if inner == "{":
        return f"{{{pair}}}"
    row = inner.rpartition("\n")[2] if "\n" in end else None
    between = " " if row is None else f"\n{row[: len(row) - len(row.lstrip())]}"
    return f"{inner},{between}{pair}{comma}{end}"


def _merge_flow_list(base: list[Any], t: _Pair, o: _Pair) -> str | None:
    """Merge `[a, b]`: additions of the template are added; its removals conflict."""
    if any(value not in t.value for value in base):
        return None
    tree = yamlblock.parse(t.value_text)
    text = o.value_text.rstrip()
    if not text.startswith("["):
        return None
    for place, value in enumerate(t.value):
        if value not in base and value not in o.value:
            new = _cut(t.value_text, *tree.span(place))[1]
            inner = text[1:-1].strip().rstrip(",")
            text = f"[{inner}, {new}]" if inner else f"[{new}]"
    return text


def _join_words(text: str) -> str:
    return " ".join(text.split())
