"""Merging documents by their structure: sections by id, then the units of each.

`merge` takes the three versions of every document of a charter that has changed, so that a section
or an item that moves from one document to another takes along what the team wrote.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from mlcharter.update.merging import prose, tables, yaml_keys
from mlcharter.update.merging.layout import said
from mlcharter.update.merging.renames import Renames
from mlcharter.update.merging.sequence import Result, Triple, likeness, marked, triples
from mlcharter.update.merging.units import Part, Parts, Unit, take_apart


@dataclass(frozen=True)
class Versions:
    """One document as the template was, as it is, and as the team has it."""

    base: str
    theirs: str
    ours: str


@dataclass
class Merged:
    """A document's new text. `changes` says what happened to its sections, `notes` why."""

    text: str
    conflict: bool = False
    moved: bool = False  # something of it went to another document, or came from one
    changes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def merge(documents: Mapping[str, Versions], renames: Renames | None = None) -> dict[str, Merged]:
    """Merge each document; a path names the same document in all three versions."""
    renames = renames or Renames()
    work = {path: _Work(path, versions, renames) for path, versions in documents.items()}
    _move_sections(work)
    _move_units(work, "theirs")
    _move_units(work, "ours")
    merged = {path: one.merged() for path, one in work.items()}
    moved = [path for path, one in work.items() if one.touched]
    if moved and not _all_kept([work[path].texts for path in moved], [merged[p] for p in moved]):
        return {path: _Work(path, v, renames).merged() for path, v in documents.items()}
    return merged


def merge_one(base: str, theirs: str, ours: str, path: str = "") -> Merged:
    """Merge one document on its own; nothing in it changes its section."""
    return _Work(path, Versions(base, theirs, ours), Renames()).merged()


class _Work:
    """One document under way."""

    def __init__(self, path: str, given: Versions, renames: Renames) -> None:
        self.given = given
        self.touched = False  # by what moves into it
        self.ending = _ending(given)
        texts = [_unix(text, self.ending) for text in (given.base, given.theirs, given.ours)]
        texts[0], texts[2] = (
            renames.applied(texts[0], texts[1]),
            renames.applied(texts[2], texts[1]),
        )
        self.texts = Versions(*texts)
        self.base, self.theirs, self.ours = (take_apart(text, path) for text in texts)

    def _changes(self) -> list[str]:
        """What a report says about a document that the team has not touched."""
        if not self.given.ours or self.given.ours == self.given.theirs:
            return []
        return _Weaving(self.base, self.theirs, self.ours).merged().changes

    def merged(self) -> Merged:
        """The result, or the versions' own bytes where only one side has changed."""
        given, texts = self.given, self.texts
        if not self.touched:
            if given.base == given.ours or given.theirs == given.ours:
                return Merged(given.theirs, changes=self._changes())
            if given.base == given.theirs or texts.theirs == texts.base == given.base:
                return Merged(given.ours)
        merged = _Weaving(self.base, self.theirs, self.ours).merged()
        if not kept(texts.base, texts.ours, merged.text) and not self.touched:
            fallback = prose.lines(texts.base, texts.theirs, texts.ours)
            note = "merged by lines, since its parts could not be told apart"
            merged = Merged(fallback.text, fallback.conflict, False, merged.changes, [note])
        merged.moved = self.touched
        if self.ending:
            merged.text = merged.text.replace("\n", "\r\n")
        return merged


def _ending(given: Versions) -> bool:
    """Whether our lines end with CRLF where the template's do not."""
    count = given.ours.count("\r\n")
    return count > 0 and count == given.ours.count("\n") and "\r" not in given.base


def _unix(text: str, ending: bool) -> str:
    return text.replace("\r\n", "\n") if ending else text


def kept(base: str, ours: str, result: str) -> bool:
    """Return whether every word that ours has beyond the base is in the result."""
    mine, old, there = (_bare(text) for text in (ours, base, result))
    added = mine - old
    return all(there[word] >= count for word, count in added.items())


def same_but_layout(one: str, two: str) -> bool:
    """Return whether two documents say the same in another layout."""
    units = [
        [unit.same for part in take_apart(_unix(text, "\r\n" in text)).parts for unit in part.units]
        for text in (one, two)
    ]
    return units[0] == units[1]


def _all_kept(texts: Sequence[Versions], merged: Sequence[Merged]) -> bool:
    """The same for documents between which something moved, taken together."""
    base, ours = (" ".join(getattr(t, name) for t in texts) for name in ("base", "ours"))
    return kept(base, ours, " ".join(one.text for one in merged))


def _bare(text: str) -> Counter[str]:
    """How often each word stands in a text, without what is layout."""
    return Counter(_LAYOUT.sub(" ", said(_ALIAS.sub(" ", text))).split())


# Anchors and aliases of YAML, which a merge writes out.
_ALIAS = re.compile(r"(?<=[:\[,-] )(?:&[\w-]+|\*[\w-]+(?=[\s,}\]]))|<<:")
# Bars and rules of tables, brackets and quotes of YAML, marks of emphasis and of lists.
_LAYOUT = re.compile(
    r"[|{}\[\],\"'\s]+|(?<!\w)(?::-+:?|-+:|-{2,})(?!\w)"
    r"|(?<!\w)_+|(?<!_)_++(?!\w)|(?<!\S)(?:[-+_]|\d+[.)])(?!\S)"
)


class _Weaving:
    """The merge of one document, part by part."""

    def __init__(self, base: Parts, theirs: Parts, ours: Parts) -> None:
        self.versions = (base, theirs, ours)
        self.merged_ = Merged("")
        self.flow: list[tuple[Triple[Unit], str]] = []

    def merged(self) -> Merged:
        base, theirs, ours = self.versions
        ends = [Triple(b, t, o) for b, t, o in zip(*map(_ends, self.versions), strict=True)]
        self.flow = [(ends[0], "")]
        woven = triples(base.parts, theirs.parts, ours.parts, _same_part)
        self.merged_.changes += _moves(ours.parts, [p.ours for p in woven if p.ours is not None])
        for part in woven:
            self._part(part)
        self.flow.append((ends[1], ""))
        out = ""
        for (before, text), (after, _) in zip(self.flow, self.flow[1:], strict=False):
            gap = self._gap(before, after)
            if after is not ends[1] and text and not text.endswith("\n"):
                text += "\n"
            out += text + gap
        self.merged_.text = out
        return self.merged_

    def _part(self, part: Triple[Part]) -> None:
        b, t, o = part.base, part.theirs, part.ours
        alive = o or t
        assert alive is not None or b is not None
        if alive is None or (o is None and b is not None):
            if b and t and _says(b) != _says(t):
                self.merged_.notes.append(f"{b.name}: {_missing(b, self.versions[2])}")
            return
        if o is not None and t is None and b is not None:
            if _untouched(b, o):
                self.merged_.changes.append(f"{b.name}: retired")
                return
            self.merged_.notes.append(f"{b.name}: retired by the template; yours is kept as it was")
            self.flow += [(Triple(None, None, unit), unit.text) for unit in o.units]
            return
        if o is None:
            self.merged_.changes.append(f"{alive.name}: new")
        old, new, mine = (p.units if p else [] for p in (b, t, o))
        done: dict[str, list[str]] = {"new": [], "changed": [], "gone": []}
        for unit in triples(old, new, mine, _alike, _reworded):
            what = self._unit(unit, alive.name)
            if what is not None:
                done[what].append(_briefly(unit))
        if o is not None and (told := _told(done)):
            self.merged_.changes.append(f"{alive.name}: {told}")

    def _unit(self, unit: Triple[Unit], name: str) -> str | None:
        """Add a unit to the result; says what became of ours, if anything."""
        merged = resolve(unit) or Result("")
        self._add(unit, merged, name)
        before, after = (
            text.split() for text in (unit.ours.text if unit.ours else "", merged.text)
        )
        if before and after:
            return "changed" if before != after else None
        return "gone" if before else "new" if after else None

    def _add(self, unit: Triple[Unit], merged: Result, name: str) -> None:
        if merged.text:
            self.flow.append((unit, merged.text))
        self.merged_.conflict = self.merged_.conflict or merged.conflict
        self.merged_.notes += [f"{name}: {note}" for note in merged.notes]
        if merged.conflict:
            self.merged_.notes.append(f"{name}: both sides changed {_called(unit)}")

    def _gap(self, before: Triple[Unit], after: Triple[Unit]) -> str:
        """The blank lines between two units: as a version has them in which they are neighbours."""
        found = [
            parts.gaps.get((id(x), id(y))) if x is not None and y is not None else None
            for parts, x, y in zip(
                self.versions,
                (before.base, before.theirs, before.ours),
                (after.base, after.theirs, after.ours),
                strict=True,
            )
        ]
        base, theirs, ours = found
        if ours is not None:
            return theirs if theirs is not None and ours == base else ours
        if theirs is not None:
            return theirs
        kinds = {(triple.ours or triple.theirs or triple.base).kind for triple in (before, after)}  # type: ignore[union-attr]
        return "" if "edge" in kinds or kinds <= {"item", "entry"} else "\n"


def _missing(part: Part, ours: Parts) -> str:
    """What to say about a section that changed and is not in ours under its id."""
    said_ = "it is not here any more, so what is new in it is not added"
    for one in ours.parts:
        for unit in one.units:
            if unit.kind.startswith("heading") and unit.same.lstrip("# ") == said(part.heading):
                return f"{said_}; a heading `{part.heading}` is there without its marker"
    return said_


def _moves(before: Sequence[Part], after: Sequence[Part]) -> list[str]:
    """Which sections stand elsewhere now, said by the one that each stands behind."""
    order = SequenceMatcher(None, [*map(id, before)], [*map(id, after)], autojunk=False)
    stayed = {
        at for block in order.get_matching_blocks() for at in range(block.b, block.b + block.size)
    }
    return [
        f"{part.name}: moved behind {after[at - 1].name}"
        if at
        else f"{part.name}: moved to the top"
        for at, part in enumerate(after)
        if at not in stayed
    ]


def _told(done: Mapping[str, Sequence[str]]) -> str:
    """`item-id` new, guidance changed, 3 paragraphs gone."""
    said = []
    for what, names in done.items():
        for name, count in Counter(names).items():
            said.append(f"{_counted(name, count)} {what}")
    return ", ".join(said)


# What a kind of unit is called: one of them, and several.
_CALLED = {
    "break": ("rule", "rules"),
    "code": ("code block", "code blocks"),
    "entry": ("list entry", "list entries"),
    "heading below": ("subheading", "subheadings"),
    "html": ("HTML block", "HTML blocks"),
}


def _counted(name: str, count: int) -> str:
    one, several = _CALLED.get(name, (name, f"{name}s"))
    if count == 1:
        return one
    return f"{name} ({count} times)" if name.endswith("`") else f"{count} {several}"


def _briefly(unit: Triple[Unit]) -> str:
    alive = unit.ours or unit.theirs or unit.base
    assert alive is not None
    return _called(unit) if alive.kind in ("item", "config") else alive.kind


def _ends(parts: Parts) -> tuple[Unit, Unit]:
    return parts.first, parts.last


def _says(part: Part) -> list[str]:
    return [unit.same for unit in part.units]


def _untouched(base: Part, ours: Part) -> bool:
    """Whether a section says what the template said, or less."""
    mine, old = (_bare("\n".join(unit.text for unit in part.units)) for part in (ours, base))
    return not mine - old


def _same_part(one: Part, two: Part) -> bool:
    """A section whose id or heading is gone is known by what it says."""
    if one.key == ("preamble",) or two.key == ("preamble",):
        return False
    if all(isinstance(p.key, tuple) and p.key[0] == "id" for p in (one, two)):
        return False
    if one.heading == two.heading:
        return True
    a, b = (Counter(unit.same for unit in part.units[1:]) for part in (one, two))
    shared = (a & b).total()
    return shared > 0 and 2 * shared >= max(a.total(), b.total())


def _alike(one: Unit, two: Unit) -> bool:
    """Whether two units of a section, not the same by key or words, are versions of one."""
    if {one.kind, two.kind} == {"item", "entry"}:  # one of them has lost its id
        return likeness(one.words, two.words) >= 0.8
    if one.kind != two.kind or one.kind in ("item", "field", "config"):
        return False
    if one.kind == "guidance":
        return True
    if one.kind == "table":
        return likeness(one.words, two.words) >= 0.4
    return likeness(one.words, two.words) >= 0.5


def _reworded(old: Unit, new: Unit) -> bool:
    """Whether the template says the same thing in other words; its placeholder too."""
    if (old.kind, new.kind) == ("placeholder", "paragraph"):
        return len(new.same.split()) <= 5
    return _alike(old, new)


def resolve(unit: Triple[Unit]) -> Result | None:
    """What becomes of a unit; None when it goes."""
    b, t, o = unit.base, unit.theirs, unit.ours
    if o is None:
        if b is None and t is not None:
            return Result(t.text)
        told = b and t and b.same != t.same and b.kind not in ("placeholder", "guidance")
        note = f"{_called(Triple(b))} is not here any more, so its change is not added"
        return Result("", notes=[note]) if told else None
    if t is None:
        if b is None:
            return Result(o.text)
        if o.same == b.same or o.kind == "placeholder":
            return None
        return Result(o.text, notes=[f"{_called(unit)} was retired by the template; yours stays"])
    if t.text == o.text or (b is not None and t.text == b.text):
        return Result(o.text)
    if b is not None and o.text == b.text:
        return Result(t.text)
    if o.same == t.same or (b is not None and t.same == b.same):
        return Result(o.text)
    if b is not None and o.same == b.same:
        return _laid_out(b.text, t, o)
    merged = _MERGES.get(o.kind, _clash)(b.text if b else "", t.text, o.text)
    if not _holds(merged.text, b.text if b else "", o.text):
        return Result(marked(o.text, t.text), conflict=True)
    return merged


def _laid_out(base: str, theirs: Unit, ours: Unit) -> Result:
    """What the template says now, in our layout as far as that is possible; never a conflict."""
    merge = _LAYOUTS.get(ours.kind)
    merged = merge(base, theirs.text, ours.text) if merge else None
    return Result(theirs.text) if merged is None or merged.conflict else merged


def _heading(base: str, theirs: str, ours: str) -> Result:
    """The template's heading and marker, as far apart as ours are."""
    heading, _, rest = theirs.partition("\n")
    blank = "\n" if rest and ours.partition("\n")[2].startswith(("\n", "\r")) else ""
    return Result(f"{heading}\n{blank}{rest.lstrip()}")


def _holds(merged: str, base: str, ours: str) -> bool:
    """Whether the words that ours has beyond the base are there."""
    return kept(base, ours, merged)


def _called(unit: Triple[Unit]) -> str:
    alive = unit.ours or unit.theirs or unit.base
    assert alive is not None
    if alive.kind == "item":
        return f"`{alive.key}`"
    if alive.kind == "config":
        return f"config block `{alive.words}`"
    words = re.sub(r"<!--|-->|[#|`>]", " ", alive.text).split()
    return f"{_counted(alive.kind, 1)} “{' '.join(words[:6])}{' …' if len(words) > 6 else ''}”"


def _clash(base: str, theirs: str, ours: str) -> Result:
    return Result(marked(ours, theirs), conflict=True)


def _keep(base: str, theirs: str, ours: str) -> Result:
    return Result(ours, notes=["both reworded it; yours is kept"])


def _two(merge: Callable[[str, str, str], Result]) -> Callable[[str, str, str], Result]:
    """Without a base, only what merges by names can merge."""
    return lambda base, theirs, ours: (
        merge(base, theirs, ours) if base else _clash("", theirs, ours)
    )


_MERGES: dict[str, Callable[[str, str, str], Result]] = {
    "heading": _keep,
    "heading below": _keep,
    "guidance": _keep,
    "paragraph": _two(prose.paragraph),
    "quote": _two(prose.lines),
    "html": _two(prose.lines),
    "code": _two(prose.lines),
    "entry": _two(prose.item),
    "item": _two(prose.item),
    "table": tables.table,
    "config": yaml_keys.config,
}
_LAYOUTS: dict[str, Callable[[str, str, str], Result]] = {
    "heading": _heading,
    "heading below": _heading,
    "entry": prose.item,
    "item": prose.item,
    "table": tables.table,
    "config": yaml_keys.config,
}


def _move_sections(work: dict[str, _Work]) -> None:
    """A section that the template moved to another document takes ours along."""
    was = {p.key: path for path, one in work.items() for p in one.base.parts if _named(p.key)}
    for path, one in work.items():
        for part in one.theirs.parts:
            old = was.get(part.key)
            if old is None or old == path or _find(work[old].theirs, part.key):
                continue
            versions = [_find(v, part.key) for v in (work[old].base, work[old].ours)]
            if len({tuple(_says(v)) if v else () for v in versions}) > 1:
                work[old].touched = one.touched = True
            for version in ("base", "ours"):
                there: Parts = getattr(work[old], version)
                here: Parts = getattr(one, version)
                gone = _find(there, part.key)
                if gone is not None and _find(here, part.key) is None:
                    there.parts.remove(gone)
                    here.parts.insert(_place(one.theirs, here, part), gone)


def _place(model: Parts, here: Parts, part: Part) -> int:
    """Behind the nearest section above it in the model that is there."""
    for above in reversed(model.parts[: model.parts.index(part)]):
        found = _find(here, above.key)
        if found is not None:
            return here.parts.index(found) + 1
    return len(here.parts)


def _named(key: Hashable) -> bool:
    return isinstance(key, tuple) and key[0] == "id"


def _find(parts: Parts, key: Hashable) -> Part | None:
    return next((part for part in parts.parts if part.key == key), None)


def _move_units(work: dict[str, _Work], mover: str) -> None:
    """An item, config block or table that one side moved to another section moves in all versions.

    So the team's tick goes where the template moved the item, and the template's wording where
    the team did.
    """
    was, is_ = _places(work, "base"), _places(work, mover)
    others = [version for version in ("base", "theirs", "ours") if version != mover]
    for name, places in is_.items():
        before = was.get(name, [])
        if len(places) != 1 or len(before) != 1 or places[0][:2] == before[0][:2]:
            continue
        (path, key, unit), (old_path, old_key, was_unit) = places[0], before[0]
        model: Parts = getattr(work[path], mover)
        for version in others:
            source: Part | None = _find(getattr(work[old_path], version), old_key)
            moving = next((u for u in source.units if _name(u) == name), None) if source else None
            if source is None or moving is None:
                continue
            here: Parts = getattr(work[path], version)
            target = _find(here, key) or _opened(model, here, key)
            source.units.remove(moving)
            target.units.insert(_behind(model, key, unit, target), moving)
            if moving.same != was_unit.same:
                work[path].touched = work[old_path].touched = True


def _opened(model: Parts, here: Parts, key: Hashable) -> Part:
    """An empty version of a section that another version has, for what moves into it."""
    there = _find(model, key)
    assert there is not None
    part = Part(key, there.heading, [])
    here.parts.insert(_place(model, here, there), part)
    return part


def _behind(model: Parts, key: Hashable, unit: Unit, target: Part) -> int:
    """Behind the nearest unit above it in the model that the section has."""
    part = _find(model, key)
    assert part is not None
    for above in reversed(part.units[: part.units.index(unit)]):
        for at, mine in enumerate(target.units):
            if mine.kind == above.kind and (mine.key or mine.same) == (above.key or above.same):
                return at + 1
    return len(target.units)


_Name = tuple[str, Hashable]


def _name(unit: Unit) -> _Name | None:
    if unit.kind == "item":
        return ("item", unit.key)
    if unit.kind == "config":
        return ("config", unit.words)
    return ("table", unit.words) if unit.kind == "table" else None


def _places(work: dict[str, _Work], version: str) -> dict[_Name, list[tuple[str, Hashable, Unit]]]:
    """Where each unit with a name stands in one version."""
    found: dict[_Name, list[tuple[str, Hashable, Unit]]] = {}
    for path, one in work.items():
        for part in getattr(one, version).parts:
            for unit in part.units:
                name = _name(unit)
                if name is not None:
                    found.setdefault(name, []).append((path, part.key, unit))
    return found
