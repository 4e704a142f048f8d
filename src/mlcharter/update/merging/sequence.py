"""Three versions of a sequence: which elements are the same one, and in which order they come out.

Sections of a document, blocks of a section, items of a checklist, rows of a table and keys of a
config block are all merged by these few functions.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Generic, Protocol, TypeVar


class Element(Protocol):
    """What can be told apart: by a key that is the same in all versions, else by what it says."""

    @property
    def kind(self) -> str: ...
    @property
    def key(self) -> Hashable: ...
    @property
    def same(self) -> str: ...


E = TypeVar("E", bound=Element)


@dataclass(eq=False)
class Triple(Generic[E]):
    """One element in up to three versions."""

    base: E | None = None
    theirs: E | None = None
    ours: E | None = None


@dataclass
class Result:
    """What a merge of text came to; `notes` say what a person might want to know."""

    text: str
    conflict: bool = False
    notes: list[str] = field(default_factory=list)


Likeness = Callable[[E, E], bool]


def pair(base: Sequence[E], other: Sequence[E], alike: Likeness[E]) -> dict[int, E]:
    """Which element of `other` each of `base` became, by the id of the object.

    First by key, then by equal words, then, among what is left, by likeness.
    """
    found: dict[int, E] = {}
    taken: set[int] = set()

    def match(mine: Iterable[E], name: Callable[[E], Hashable]) -> None:
        waiting: dict[Hashable, list[E]] = defaultdict(list)
        for element in other:
            if id(element) not in taken and name(element) is not None:
                waiting[name(element)].append(element)
        for element in mine:
            if id(element) not in found and waiting.get(name(element)):
                found[id(element)] = waiting[name(element)].pop(0)
                taken.add(id(found[id(element)]))

    match(base, lambda e: e.key and (e.kind, e.key))
    match(base, lambda e: (e.kind, e.same) if e.same else None)
    for element in base:
        if id(element) not in found:
            rest = (e for e in other if id(e) not in taken and alike(element, e))
            if (nearest := next(rest, None)) is not None:
                found[id(element)] = nearest
                taken.add(id(nearest))
    return found


def triples(
    base: Sequence[E],
    theirs: Sequence[E],
    ours: Sequence[E],
    alike: Likeness[E],
    reworded: Likeness[E] | None = None,
) -> list[Triple[E]]:
    """Every element once, in the order of the result.

    The order is ours, unless the template changed its own; what only one side has stays behind
    the neighbour that it had. `reworded` is the likeness by which the template's versions pair.
    """
    to_theirs, to_ours = pair(base, theirs, reworded or alike), pair(base, ours, alike)
    all_: list[Triple[E]] = [Triple(e, to_theirs.get(id(e)), to_ours.get(id(e))) for e in base]
    known = {id(e) for t in all_ for e in (t.theirs, t.ours) if e is not None}
    new_theirs = [e for e in theirs if id(e) not in known]
    new_ours = [e for e in ours if id(e) not in known]
    both = pair(new_theirs, new_ours, lambda a, b: False)
    all_ += [Triple(None, e, both.get(id(e))) for e in new_theirs]
    agreed = {id(e) for e in both.values()}
    all_ += [Triple(None, None, e) for e in new_ours if id(e) not in agreed]
    return _Order(all_, base, theirs, ours).woven()


class _Order(Generic[E]):
    def __init__(
        self, all_: list[Triple[E]], base: Sequence[E], theirs: Sequence[E], ours: Sequence[E]
    ) -> None:
        at = {id(e): t for t in all_ for e in (t.base, t.theirs, t.ours) if e is not None}
        self.base = [at[id(e)] for e in base]
        self.theirs = [at[id(e)] for e in theirs]
        self.ours = [at[id(e)] for e in ours]

    def woven(self) -> list[Triple[E]]:
        before = [t for t in self.base if t.theirs is not None]
        after = [t for t in self.theirs if t.base is not None]
        if before == after:
            return self._into_ours()
        return self._into_theirs()

    def _into_ours(self) -> list[Triple[E]]:
        """Our order; what we deleted keeps a place behind what replaced it."""
        out = list(self.ours)
        for place in range(len(self.base) - 1, -1, -1):
            if self.base[place].ours is None:
                following = self.base[place + 1] if place + 1 < len(self.base) else None
                out.insert(out.index(following) if following else len(out), self.base[place])
        for place, triple in enumerate(self.theirs):
            if triple not in out:
                at = out.index(self.theirs[place - 1]) + 1 if place else 0
                if triple.theirs is not None and triple.theirs.kind == "section":
                    at = _behind_own(out, at)
                out.insert(at, triple)
        return out

    def _into_theirs(self) -> list[Triple[E]]:
        """The template's order; what we added stays behind its neighbour, or what it replaced."""
        anchors = list(self.ours)
        for place, triple in enumerate(self.base):
            if triple.ours is None:
                at = anchors.index(self.base[place - 1]) + 1 if place else 0
                anchors.insert(at, triple)
        out = list(self.theirs)
        for place, triple in enumerate(anchors):
            if triple not in out:
                out.insert(out.index(anchors[place - 1]) + 1 if place else 0, triple)
        return out


def _behind_own(out: list[Triple[E]], at: int) -> int:
    while at < len(out) and out[at].base is None and out[at].theirs is None:
        at += 1
    return at


@dataclass(frozen=True)
class Chunk:
    """A stretch of three versions: ranges into each; `who` changed it."""

    who: str  # nobody | theirs | ours | both | clash
    base: slice
    theirs: slice
    ours: slice


def diff3(base: Sequence[str], theirs: Sequence[str], ours: Sequence[str]) -> list[Chunk]:
    """The stretches of three versions; a clash is where both sides changed the same one.

    Changes that touch each other clash too, as in Git, except for two that are the same.
    """
    chunks: list[Chunk] = []
    b = t = o = 0
    for start, end, in_theirs, in_ours in _common(base, theirs, ours):
        if (start, in_theirs, in_ours) != (b, t, o):
            spans = (slice(b, start), slice(t, in_theirs), slice(o, in_ours))
            chunks.append(Chunk(_who(base, theirs, ours, *spans), *spans))
        size = end - start
        b, t, o = end, in_theirs + size, in_ours + size
        if size:
            chunks.append(
                Chunk("nobody", slice(start, end), slice(in_theirs, t), slice(in_ours, o))
            )
    return chunks


def _who(
    base: Sequence[str], theirs: Sequence[str], ours: Sequence[str], b: slice, t: slice, o: slice
) -> str:
    old, new, mine = list(base[b]), list(theirs[t]), list(ours[o])
    if new == mine:
        return "both"
    if mine == old:
        return "theirs"
    return "ours" if new == old else "clash"


def _common(
    base: Sequence[str], theirs: Sequence[str], ours: Sequence[str]
) -> list[tuple[int, int, int, int]]:
    """The stretches of `base` that stand in both: start, end, and where they begin there."""
    left = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    right = SequenceMatcher(None, base, ours, autojunk=False).get_matching_blocks()
    found = []
    i = j = 0
    while i < len(left) and j < len(right):
        start = max(left[i].a, right[j].a)
        ends = left[i].a + left[i].size, right[j].a + right[j].size
        end = min(ends)
        if start < end:
            found.append(
                (start, end, left[i].b + start - left[i].a, right[j].b + start - right[j].a)
            )
        if ends[0] < ends[1]:
            i += 1
        else:
            j += 1
    return [*found, (len(base), len(base), len(theirs), len(ours))]


def likeness(one: str, two: str) -> float:
    """How alike the words of two texts are, from 0 to 1."""
    a, b = one.split(), two.split()
    if not a or not b:
        return 0.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


OURS, THEIRS = "this repository", "template"


def marked(ours: str, theirs: str) -> str:
    """Both texts between standard conflict markers."""
    return f"<<<<<<< {OURS}\n{_ended(ours)}=======\n{_ended(theirs)}>>>>>>> {THEIRS}\n"


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
