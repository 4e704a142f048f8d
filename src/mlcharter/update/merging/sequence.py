"""Align three versions of a sequence: match their elements and decide the merged order.

Sections of a document, blocks of a section, items of a checklist, rows of a table and keys of a
config block are all merged with these functions.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Generic, Protocol, TypeVar


class Element(Protocol):
    """An element, identified by a key that is the same in all versions, else by its content."""

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
    """The result of merging text; `notes` are messages for the user."""

    text: str
    conflict: bool = False
    notes: list[str] = field(default_factory=list)


Similarity = Callable[[E, E], bool]


def match_elements(
    base: Sequence[E], other: Sequence[E], is_similar: Similarity[E]
) -> dict[int, E]:
    """Return the element of `other` for each one of `base`, by the `id()` of the latter.

    Elements match by key, then by equal content, then, among the rest, by similarity.
    """
    matches: dict[int, E] = {}
    taken: set[int] = set()

    def match_by(mine: Iterable[E], name: Callable[[E], Hashable]) -> None:
        waiting: dict[Hashable, list[E]] = defaultdict(list)
        for element in other:
            if id(element) not in taken and name(element) is not None:
                waiting[name(element)].append(element)
        for element in mine:
            if id(element) not in matches and waiting.get(name(element)):
                matches[id(element)] = waiting[name(element)].pop(0)
                taken.add(id(matches[id(element)]))

    match_by(base, lambda e: e.key and (e.kind, e.key))
    match_by(base, lambda e: (e.kind, e.same) if e.same else None)
    for element in base:
        if id(element) not in matches:
            similar = (e for e in other if id(e) not in taken and is_similar(element, e))
            if (first := next(similar, None)) is not None:
                matches[id(element)] = first
                taken.add(id(first))
    return matches


def align(
    base: Sequence[E],
    theirs: Sequence[E],
    ours: Sequence[E],
    is_similar: Similarity[E],
    is_reworded: Similarity[E] | None = None,
) -> list[Triple[E]]:
    """Return every element once, with its versions, in the order of the result.

    The order is ours, unless the template changed its own; an element that only one side has stays
    after its neighbour. `is_reworded` compares the template's versions; default `is_similar`.
    """
    to_theirs = match_elements(base, theirs, is_reworded or is_similar)
    to_ours = match_elements(base, ours, is_similar)
    all_: list[Triple[E]] = [Triple(e, to_theirs.get(id(e)), to_ours.get(id(e))) for e in base]
    known = {id(e) for t in all_ for e in (t.theirs, t.ours) if e is not None}
    new_theirs = [e for e in theirs if id(e) not in known]
    new_ours = [e for e in ours if id(e) not in known]
    both = match_elements(new_theirs, new_ours, lambda a, b: False)
    all_ += [Triple(None, e, both.get(id(e))) for e in new_theirs]
    agreed = {id(e) for e in both.values()}
    all_ += [Triple(None, None, e) for e in new_ours if id(e) not in agreed]
    at = {id(e): t for t in all_ for e in (t.base, t.theirs, t.ours) if e is not None}
    old, new, mine = ([at[id(e)] for e in version] for version in (base, theirs, ours))
    kept = [triple for triple in old if triple.theirs is not None]
    same_order = kept == [triple for triple in new if triple.base is not None]
    return (_into_ours if same_order else _into_theirs)(old, new, mine)


def _into_ours(
    base: list[Triple[E]], theirs: list[Triple[E]], ours: list[Triple[E]]
) -> list[Triple[E]]:
    """Return our order; an element that we deleted is placed after its replacement."""
    out = list(ours)
    for place in range(len(base) - 1, -1, -1):
        if base[place].ours is None:
            following = base[place + 1] if place + 1 < len(base) else None
            out.insert(out.index(following) if following else len(out), base[place])
    for place, triple in enumerate(theirs):
        if triple not in out:
            at = out.index(theirs[place - 1]) + 1 if place else 0
            if triple.theirs is not None and triple.theirs.kind == "section":
                at = _skip_ours(out, at)
            out.insert(at, triple)
    return out


def _into_theirs(
    base: list[Triple[E]], theirs: list[Triple[E]], ours: list[Triple[E]]
) -> list[Triple[E]]:
    """Return the template's order; our additions stay after their neighbour."""
    anchors = list(ours)
    for place, triple in enumerate(base):
        if triple.ours is None:
            anchors.insert(anchors.index(base[place - 1]) + 1 if place else 0, triple)
    out = list(theirs)
    for place, triple in enumerate(anchors):
        if triple not in out:
            out.insert(out.index(anchors[place - 1]) + 1 if place else 0, triple)
    return out


def _skip_ours(out: list[Triple[E]], at: int) -> int:
    while at < len(out) and out[at].base is None and out[at].theirs is None:
        at += 1
    return at


@dataclass(frozen=True)
class Chunk:
    """A range of each of three versions; `changed_by` says which side changed it."""

    changed_by: str  # nobody | theirs | ours | both | conflict
    base: slice
    theirs: slice
    ours: slice


def diff3(base: Sequence[str], theirs: Sequence[str], ours: Sequence[str]) -> list[Chunk]:
    """Return the chunks of three versions; a chunk that both sides changed is a conflict.

    Adjacent changes conflict too, as in Git, unless they are equal.
    """
    chunks: list[Chunk] = []
    b = t = o = 0
    for start, end, in_theirs, in_ours in _find_common(base, theirs, ours):
        if (start, in_theirs, in_ours) != (b, t, o):
            spans = (slice(b, start), slice(t, in_theirs), slice(o, in_ours))
            chunks.append(Chunk(_find_side(base, theirs, ours, *spans), *spans))
        size = end - start
        b, t, o = end, in_theirs + size, in_ours + size
        if size:
            chunks.append(
                Chunk("nobody", slice(start, end), slice(in_theirs, t), slice(in_ours, o))
            )
    return chunks


def _find_side(
    base: Sequence[str], theirs: Sequence[str], ours: Sequence[str], b: slice, t: slice, o: slice
) -> str:
    old, new, mine = list(base[b]), list(theirs[t]), list(ours[o])
    if new == mine:
        return "both"
    if mine == old:
        return "theirs"
    return "ours" if new == old else "conflict"


def _find_common(
    base: Sequence[str], theirs: Sequence[str], ours: Sequence[str]
) -> list[tuple[int, int, int, int]]:
    """Return the ranges of `base` in both others: start, end, and their starts in the others."""
    left = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    right = SequenceMatcher(None, base, ours, autojunk=False).get_matching_blocks()
    ranges = []
    i = j = 0
    while i < len(left) and j < len(right):
        start = max(left[i].a, right[j].a)
        ends = left[i].a + left[i].size, right[j].a + right[j].size
        end = min(ends)
        if start < end:
            ranges.append(
                (start, end, left[i].b + start - left[i].a, right[j].b + start - right[j].a)
            )
        if ends[0] < ends[1]:
            i += 1
        else:
            j += 1
    return [*ranges, (len(base), len(base), len(theirs), len(ours))]


def measure_similarity(one: str, two: str) -> float:
    """Return how similar the words of two texts are, from 0 to 1."""
    a, b = one.split(), two.split()
    if not a or not b:
        return 0.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


OURS, THEIRS = "this repository", "template"


def add_markers(ours: str, theirs: str) -> str:
    """Return both texts between standard conflict markers."""
    return f"<<<<<<< {OURS}\n{_end_line(ours)}=======\n{_end_line(theirs)}>>>>>>> {THEIRS}\n"


def _end_line(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
