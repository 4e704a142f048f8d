"""Merge documents by their structure: sections by id, then the units of each.

`merge` takes the three versions of every changed document of a charter, so that a section or an
item that moves from one document to another keeps what the team wrote.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from mlcharter.update.merging import prose, tables, yaml_keys
from mlcharter.update.merging.layout import strip_layout
from mlcharter.update.merging.renames import Renames
from mlcharter.update.merging.sequence import (
    E,
    Result,
    Triple,
    add_markers,
    align,
    measure_similarity,
)
from mlcharter.update.merging.units import Part, Parts, Unit, split_document


@dataclass(frozen=True)
class Versions:
    """A document in three versions: the old template's, the new template's, and the team's."""

    base: str
    theirs: str
    ours: str


@dataclass
class Merged:
    """A merged document; `changes` lists the changes of its sections, `notes` what to know."""

    text: str
    conflict: bool = False
    moved: bool = False  # a part of it moved to another document, or came from one
    changes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def merge(documents: Mapping[str, Versions], renames: Renames | None = None) -> dict[str, Merged]:
    """Merge each document; a path names the same document in all three versions."""
    renames = renames or Renames()
    work = {path: _DocumentMerge(path, versions, renames) for path, versions in documents.items()}
    _move_sections(work)
    _move_units(work, "theirs")
    _move_units(work, "ours")
    merged = {path: one.merge() for path, one in work.items()}
    moved = [path for path, one in work.items() if one.moved]
    base, ours = (
        " ".join(getattr(work[p].texts, side) for p in moved) for side in ("base", "ours")
    )
    if not keeps_words(base, ours, " ".join(merged[path].text for path in moved)):
        return {path: _DocumentMerge(path, v, renames).merge() for path, v in documents.items()}
    return merged


def merge_one(base: str, theirs: str, ours: str, path: str = "") -> Merged:
    """Merge one document on its own; no unit moves to another section."""
    return _DocumentMerge(path, Versions(base, theirs, ours), Renames()).merge()


class _DocumentMerge:
    """The merge of one document in progress."""

    def __init__(self, path: str, versions: Versions, renames: Renames) -> None:
        self.versions = versions
        self.moved = False  # a part moves into it or out of it
        self.crlf = _has_crlf(versions)
        base, theirs, ours = (
            _normalise_newlines(text, self.crlf)
            for text in (versions.base, versions.theirs, versions.ours)
        )
        self.texts = Versions(renames.apply(base, theirs), theirs, renames.apply(ours, theirs))
        self.base = split_document(self.texts.base, path)
        self.theirs = split_document(theirs, path)
        self.ours = split_document(self.texts.ours, path)

    def _list_changes(self) -> list[str]:
        """Return the changes of a document that the team has not changed."""
        if not self.versions.ours or self.versions.ours == self.versions.theirs:
            return []
        return _PartsMerge(self.base, self.theirs, self.ours).merge().changes

    def merge(self) -> Merged:
        """Return the merged document; if only one side has changed, its exact text."""
        versions, texts = self.versions, self.texts
        if not self.moved:
            if versions.base == versions.ours or versions.theirs == versions.ours:
                return Merged(versions.theirs, changes=self._list_changes())
            if versions.base == versions.theirs or texts.theirs == texts.base == versions.base:
                return Merged(versions.ours)
        merged = _PartsMerge(self.base, self.theirs, self.ours).merge()
        if not keeps_words(texts.base, texts.ours, merged.text) and not self.moved:
            fallback = prose.merge_lines(texts.base, texts.theirs, texts.ours)
            note = "merged by lines, since its sections could not be matched"
            merged = Merged(fallback.text, fallback.conflict, False, merged.changes, [note])
        merged.moved = self.moved
        if self.crlf:
            merged.text = merged.text.replace("\n", "\r\n")
        return merged


def _has_crlf(versions: Versions) -> bool:
    """Return whether our lines end with CRLF and the template's do not."""
    count = versions.ours.count("\r\n")
    return count > 0 and count == versions.ours.count("\n") and "\r" not in versions.base


def _normalise_newlines(text: str, crlf: bool) -> str:
    return text.replace("\r\n", "\n") if crlf else text


def keeps_words(base: str, ours: str, result: str) -> bool:
    """Return whether the result has every word that ours has and the base has not."""
    mine, old, merged = (_count_words(text) for text in (ours, base, result))
    added = mine - old
    return all(merged[word] >= count for word, count in added.items())


def same_but_layout(one: str, two: str) -> bool:
    """Return whether two documents differ only in their layout."""
    units = [
        [unit.same for part in split_document(text).parts for unit in part.units]
        for text in (_normalise_newlines(text, "\r\n" in text) for text in (one, two))
    ]
    return units[0] == units[1]


def _count_words(text: str) -> Counter[str]:
    """Return how often each word is in a text, without layout."""
    return Counter(_LAYOUT.sub(" ", strip_layout(_ALIAS.sub(" ", text))).split())


# Anchors and aliases of YAML, which a merge expands.
_ALIAS = re.compile(r"(?<=[:\[,-] )(?:&[\w-]+|\*[\w-]+(?=[\s,}\]]))|<<:")
# Bars and delimiter rows of tables, brackets and quotes of YAML, emphasis and list markers.
_LAYOUT = re.compile(
    r"[|{}\[\],\"'\s]+|(?<!\w)(?::-+:?|-+:|-{2,})(?!\w)"
    r"|(?<!\w)_+|(?<!_)_++(?!\w)|(?<!\S)(?:[-+_]|\d+[.)])(?!\S)"
)


class _PartsMerge:
    """The merge of the parts of one document."""

    def __init__(self, base: Parts, theirs: Parts, ours: Parts) -> None:
        self.versions = (base, theirs, ours)
        self.result = Merged("")
        self.flow: list[tuple[Triple[Unit], str]] = []

    def merge(self) -> Merged:
        base, theirs, ours = self.versions
        first, last = (
            Triple(*(getattr(version, end) for version in self.versions))
            for end in ("first", "last")
        )
        self.flow = [(first, "")]
        aligned = align(base.parts, theirs.parts, ours.parts, _is_same_part)
        parts = [part.ours for part in aligned if part.ours is not None]
        self.result.changes += _list_moves(ours.parts, parts)
        for part in aligned:
            self._merge_part(part)
        self.flow.append((last, ""))
        out = ""
        for (before, text), (after, _) in zip(self.flow, self.flow[1:], strict=False):
            gap = self._choose_gap(before, after)
            if after is not last and text and not text.endswith("\n"):
                text += "\n"
            out += text + gap
        self.result.text = out
        return self.result

    def _merge_part(self, part: Triple[Part]) -> None:
        b, t, o = part.base, part.theirs, part.ours
        present = o or t
        assert present is not None or b is not None
        if present is None or (o is None and b is not None):
            if b and t and b.content != t.content:
                self.result.notes.append(f"{b.name}: {_explain_missing(b, self.versions[2])}")
            return
        if o is not None and t is None and b is not None:
            if _is_unchanged(b, o):
                self.result.changes.append(f"{b.name}: removed")
                return
            self.result.notes.append(f"{b.name}: removed by the template; yours is kept")
            self.flow += [(Triple(None, None, unit), unit.text) for unit in o.units]
            return
        if o is None:
            self.result.changes.append(f"{present.name}: new")
        old, new, mine = (p.units if p else [] for p in (b, t, o))
        units: dict[str, list[str]] = {"new": [], "changed": [], "removed": []}
        for unit in align(old, new, mine, _is_similar, _is_reworded):
            change = self._merge_unit(unit, present.name)
            if change is not None:
                units[change].append(_name_kind(unit))
        if o is not None and (summary := _summarise(units)):
            self.result.changes.append(f"{present.name}: {summary}")

    def _merge_unit(self, unit: Triple[Unit], name: str) -> str | None:
        """Add a unit to the result; return how ours changed, None if it did not."""
        merged = merge_unit(unit)
        self._add(unit, merged, name)
        if any(one and one.text.strip() == _STARTER for one in (unit.ours, unit.theirs)):
            return None  # a mark, which is no text
        before, after = unit.ours.text.split() if unit.ours else [], merged.text.split()
        if before and after:
            return "changed" if before != after else None
        return "removed" if before else "new" if after else None

    def _add(self, unit: Triple[Unit], merged: Result, name: str) -> None:
        if merged.text:
            self.flow.append((unit, merged.text))
        self.result.conflict = self.result.conflict or merged.conflict
        self.result.notes += [f"{name}: {note}" for note in merged.notes]
        if merged.conflict:
            self.result.notes.append(f"{name}: both sides changed {_describe(unit)}")

    def _choose_gap(self, before: Triple[Unit], after: Triple[Unit]) -> str:
        """Return the blank lines between two units, from a version in which they are adjacent."""
        base, theirs, ours = (
            parts.gaps.get((id(getattr(before, side)), id(getattr(after, side))))
            for parts, side in zip(self.versions, ("base", "theirs", "ours"), strict=True)
        )
        if ours is not None:
            return theirs if theirs is not None and ours == base else ours
        if theirs is not None:
            return theirs
        kinds = {(triple.ours or triple.theirs or triple.base).kind for triple in (before, after)}  # type: ignore[union-attr]
        return "" if "edge" in kinds or kinds <= {"item", "entry"} else "\n"


def _explain_missing(part: Part, ours: Parts) -> str:
    """Return a note about a section that the template changed and ours has not under its id."""
    note = "it is no longer here, so the template's change is not added"
    for one in ours.parts:
        for unit in one.units:
            if unit.kind.startswith("heading") and unit.same.lstrip("# ") == strip_layout(
                part.heading
            ):
                return f"{note}; a heading `{part.heading}` has no section marker"
    return note


def _list_moves(before: Sequence[Part], after: Sequence[Part]) -> list[str]:
    """Return a line for each section that moved, with the section before it."""
    order = SequenceMatcher(None, [*map(id, before)], [*map(id, after)], autojunk=False)
    stayed = {
        at for block in order.get_matching_blocks() for at in range(block.b, block.b + block.size)
    }
    return [
        f"{part.name}: moved after {after[at - 1].name}" if at else f"{part.name}: moved to the top"
        for at, part in enumerate(after)
        if at not in stayed
    ]


def _summarise(units: Mapping[str, Sequence[str]]) -> str:
    """Return a summary like "`item-id` new, guidance changed, 3 paragraphs removed"."""
    phrases = []
    for change, names in units.items():
        for name, count in Counter(names).items():
            phrases.append(f"{_count(name, count)} {change}")
    return ", ".join(phrases)


_STARTER = "<!-- starter -->"

# Names of kinds of units, singular and plural.
_KINDS = {
    "break": ("rule", "rules"),
    "code": ("code block", "code blocks"),
    "entry": ("list entry", "list entries"),
    "heading below": ("subheading", "subheadings"),
    "html": ("HTML block", "HTML blocks"),
}


def _count(name: str, count: int) -> str:
    one, several = _KINDS.get(name, (name, f"{name}s"))
    if count == 1:
        return one
    return f"{name} ({count} times)" if name.endswith("`") else f"{count} {several}"


def _name_kind(unit: Triple[Unit]) -> str:
    present = unit.ours or unit.theirs or unit.base
    assert present is not None
    return _describe(unit) if present.kind in ("item", "config") else present.kind


def _is_unchanged(base: Part, ours: Part) -> bool:
    """Return whether a section has no words beyond the template's."""
    mine, old = (_count_words("\n".join(unit.text for unit in part.units)) for part in (ours, base))
    return not mine - old


def _is_same_part(one: Part, two: Part) -> bool:
    """Return whether two sections are the same: by heading, or by half of their content."""
    if one.key == ("preamble",) or two.key == ("preamble",):
        return False
    if one.id and two.id:
        return False
    if one.heading == two.heading:
        return True
    a, b = (Counter(unit.same for unit in part.units[1:]) for part in (one, two))
    shared = (a & b).total()
    return shared > 0 and 2 * shared >= max(a.total(), b.total())


def _is_similar(one: Unit, two: Unit) -> bool:
    """Return whether two units with different keys and content are versions of one unit."""
    if {one.kind, two.kind} == {"item", "entry"}:  # one of them has lost its id
        return measure_similarity(one.words, two.words) >= 0.8
    if one.kind != two.kind or one.kind in ("item", "field", "config"):
        return False
    if one.kind == "guidance":
        return True
    if one.kind == "table":
        return measure_similarity(one.words, two.words) >= 0.4
    return measure_similarity(one.words, two.words) >= 0.5


def _is_reworded(old: Unit, new: Unit) -> bool:
    """Return whether the template reworded a unit, or replaced a placeholder by short text."""
    if (old.kind, new.kind) == ("placeholder", "paragraph"):
        return len(new.same.split()) <= 5
    return _is_similar(old, new)


def merge_unit(unit: Triple[Unit]) -> Result:
    """Return the merged unit; its text is empty if it is removed."""
    b, t, o = unit.base, unit.theirs, unit.ours
    if o is None:
        if b is None and t is not None:
            return Result(t.text)
        changed = b and t and b.same != t.same and b.kind not in ("placeholder", "guidance")
        note = f"{_describe(Triple(b))} is no longer here, so the template's change is not added"
        return Result("", notes=[note] if changed else [])
    if t is None:
        if b is None:
            return Result(o.text)
        if o.same == b.same or o.kind == "placeholder":
            return Result("")
        return Result(
            o.text, notes=[f"{_describe(unit)} was removed by the template; yours is kept"]
        )
    if b is not None and o.text == b.text:
        return Result(t.text)
    if o.same == t.same or (b is not None and t.same == b.same):
        return Result(o.text)
    if b is not None and o.same == b.same:
        return _merge_layout(b.text, t, o)
    merged = _MERGES.get(o.kind, _mark_conflict)(b.text if b else "", t.text, o.text)
    if not keeps_words(b.text if b else "", o.text, merged.text):
        return Result(add_markers(o.text, t.text), conflict=True)
    return merged


def _merge_layout(base: str, theirs: Unit, ours: Unit) -> Result:
    """Return the template's text, with the team's line breaks and spacing if they can be merged."""
    merge = _LAYOUTS.get(ours.kind)
    merged = merge(base, theirs.text, ours.text) if merge else None
    return Result(theirs.text) if merged is None or merged.conflict else merged


def _merge_heading(base: str, theirs: str, ours: str) -> Result:
    """Return the template's heading and marker, with our blank line between them."""
    heading, _, rest = theirs.partition("\n")
    blank = "\n" if rest and ours.partition("\n")[2].startswith(("\n", "\r")) else ""
    return Result(f"{heading}\n{blank}{rest.lstrip()}")


def _describe(unit: Triple[Unit]) -> str:
    """Return a unit's name for messages: its id, its config block, or its first words."""
    present = unit.ours or unit.theirs or unit.base
    assert present is not None
    if present.kind == "item":
        return f"`{present.key}`"
    if present.kind == "config":
        return f"config block `{present.words}`"
    words = re.sub(r"<!--|-->|[#|`>]", " ", present.text).split()
    return f"{_count(present.kind, 1)} “{' '.join(words[:6])}{' …' if len(words) > 6 else ''}”"


def _mark_conflict(base: str, theirs: str, ours: str) -> Result:
    return Result(add_markers(ours, theirs), conflict=True)


def _keep_ours(base: str, theirs: str, ours: str) -> Result:
    return Result(ours, notes=["both sides reworded it; yours is kept"])


def _need_base(merge: Callable[[str, str, str], Result]) -> Callable[[str, str, str], Result]:
    """Return `merge`, with a conflict in its place if there is no base to compare with."""
    return lambda base, theirs, ours: (
        merge(base, theirs, ours) if base else _mark_conflict("", theirs, ours)
    )


_MERGES: dict[str, Callable[[str, str, str], Result]] = {
    **dict.fromkeys(("heading", "heading below", "guidance"), _keep_ours),
    **dict.fromkeys(("quote", "html", "code"), _need_base(prose.merge_lines)),
    **dict.fromkeys(("entry", "item"), _need_base(prose.merge_item)),
    "paragraph": _need_base(prose.merge_paragraph),
    "table": tables.merge_table,
    "config": yaml_keys.merge_config,
}
_LAYOUTS: dict[str, Callable[[str, str, str], Result]] = {
    **dict.fromkeys(("heading", "heading below"), _merge_heading),
    **dict.fromkeys(("entry", "item"), prose.merge_item),
    "table": tables.merge_table,
    "config": yaml_keys.merge_config,
}


def _move_sections(work: dict[str, _DocumentMerge]) -> None:
    """Move ours with each section that the template moved to another document."""
    old_paths = {p.key: path for path, one in work.items() for p in one.base.parts if p.id}
    for path, one in work.items():
        for part in one.theirs.parts:
            old = old_paths.get(part.key)
            if old is None or old == path or _find(work[old].theirs, part.key):
                continue
            versions = [_find(v, part.key) for v in (work[old].base, work[old].ours)]
            if len({tuple(v.content) if v else () for v in versions}) > 1:
                work[old].moved = one.moved = True
            for version in ("base", "ours"):
                source: Parts = getattr(work[old], version)
                target: Parts = getattr(one, version)
                moving = _find(source, part.key)
                if moving is not None and _find(target, part.key) is None:
                    source.parts.remove(moving)
                    at = _find_position(one.theirs.parts, part, target.parts)
                    target.parts.insert(at, moving)


def _find_position(model: Sequence[E], element: E, target: Sequence[E]) -> int:
    """Return the position in `target` after the nearest element above `element` in the model."""
    names, above = (
        [(e.kind, e.key or e.same) for e in elements]
        for elements in (target, reversed(model[: model.index(element)]))
    )
    return next((names.index(name) + 1 for name in above if name in names), len(target))


def _find(parts: Parts, key: Hashable) -> Part | None:
    return next((part for part in parts.parts if part.key == key), None)


def _move_units(work: dict[str, _DocumentMerge], mover: str) -> None:
    """Move an item, config block or table that one side moved to another section, in all versions.

    So the team's tick moves with the template's item, and the template's wording with the team's.
    """
    old_places, new_places = _find_units(work, "base"), _find_units(work, mover)
    others = [version for version in ("base", "theirs", "ours") if version != mover]
    for name, places in new_places.items():
        before = old_places.get(name, [])
        if len(places) != 1 or len(before) != 1 or places[0][:2] == before[0][:2]:
            continue
        (path, key, unit), (old_path, old_key, old_unit) = places[0], before[0]
        model: Parts = getattr(work[path], mover)
        section = _find(model, key)
        assert section is not None
        for version in others:
            source: Part | None = _find(getattr(work[old_path], version), old_key)
            moving = next((u for u in source.units if _name(u) == name), None) if source else None
            if source is None or moving is None:
                continue
            parts: Parts = getattr(work[path], version)
            target = _find(parts, key) or _add_part(model, parts, section)
            source.units.remove(moving)
            target.units.insert(_find_position(section.units, unit, target.units), moving)
            if moving.same != old_unit.same:
                work[path].moved = work[old_path].moved = True


def _add_part(model: Parts, target: Parts, original: Part) -> Part:
    """Add an empty section that the model has, for units that move into it."""
    part = Part(original.key, original.heading, [])
    target.parts.insert(_find_position(model.parts, original, target.parts), part)
    return part


_Name = tuple[str, Hashable]


def _name(unit: Unit) -> _Name | None:
    if unit.kind == "item":
        return ("item", unit.key)
    if unit.kind == "config":
        return ("config", unit.words)
    return ("table", unit.words) if unit.kind == "table" else None


def _find_units(
    work: dict[str, _DocumentMerge], version: str
) -> dict[_Name, list[tuple[str, Hashable, Unit]]]:
    """Return the paths, sections and units of each named unit in one version."""
    places: dict[_Name, list[tuple[str, Hashable, Unit]]] = {}
    for path, one in work.items():
        for part in getattr(one, version).parts:
            for unit in part.units:
                name = _name(unit)
                if name is not None:
                    places.setdefault(name, []).append((path, part.key, unit))
    return places
