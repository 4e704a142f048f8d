"""What one line of a checklist says: its id, its box, its evidence, its waiver, its tier."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from mlcharter.inline import Reference, inlines


@dataclass(frozen=True)
class Evidence:
    """What an item names as its proof: a link, or an address as it is, after `Evidence:`.

    `stamp` is what stands in `(sha256:…)` right after it, None without.
    """

    target: str
    text: str
    stamp: str | None
    line: int
    column: int


@dataclass(frozen=True)
class Waiver:
    """`Waived until 2027-01-31 by @lead: reason`; what is missing is empty.

    `until` is None when `until_text`, as written, is no ISO day.
    """

    until: date | None
    until_text: str
    by: str
    reason: str
    line: int
    column: int


@dataclass(frozen=True)
class Item:
    """A list item with a box. `text` is what it says itself, without nested items and code.

    `id` is None for a team's own item without one. `tier` is the word in `<!-- from tier -->`.
    `sentence` is the demand alone: no id, evidence, waiver or comment.
    `end` is the last line of its own text.
    """

    id: str | None
    ticked: bool
    line: int
    end: int
    depth: int
    sentence: str
    tier: str | None
    evidence: tuple[Evidence, ...]
    waiver: Waiver | None
    text: str = field(repr=False)


def has_box(text: str) -> bool:
    """Whether the text of a list item begins with `[ ]` or `[x]`."""
    return text[:3] in ("[ ]", "[x]", "[X]") and text[3:4] in (" ", "\t", "\n", "\r")


def read_item(
    rows: list[tuple[int, str]], at: int, depth: int, definitions: Mapping[str, str]
) -> Item:
    """Read an item from its own lines, numbered; its box begins at `at` in the first of them."""
    return _Reader(rows, at, definitions).item(depth)


_ID = re.compile(r"[ \t]*`([a-z0-9]+(?:-[a-z0-9]+)*)`")
_EVIDENCE = re.compile(r"\bevidence:", re.IGNORECASE)
_WAIVED = re.compile(r"\bwaived\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]]+")


class _Reader:
    def __init__(
        self, rows: list[tuple[int, str]], at: int, definitions: Mapping[str, str]
    ) -> None:
        self.rows = rows
        self.ticked = rows[0][1][at + 1] != " "
        # Blanks in place of what stands before the text keep the columns right.
        lines = [" " * (at + 3) + rows[0][1][at + 3 :], *(line for _, line in rows[1:])]
        self.text = "".join(lines)
        self.starts = [0]
        for line in lines[:-1]:
            self.starts.append(self.starts[-1] + len(line))
        found = inlines(self.text, definitions, at + 3)
        self.links = [link for link in found.links if not link.image]
        self.masked = found.masked(self.text)
        comments = [(s, e) for s, e in found.hidden if self.text[s] == "<"]
        self.shown = found._replace(hidden=comments).masked(self.text)
        self.comments = [self.text[s:e] for s, e in comments]
        named = _ID.match(self.text, at + 3)
        self.id = named.group(1) if named else None
        self.begin = named.end() if named else at + 3

    def item(self, depth: int) -> Item:
        proof = _EVIDENCE.search(self.masked, self.begin)
        evidence_at = proof.start() if proof else len(self.text)
        waiver_at = self.waiver_start()
        waiver_stop = evidence_at if evidence_at > waiver_at else len(self.text)
        evidence_stop = waiver_at if waiver_at > evidence_at else len(self.text)
        sentence = self.shown[self.begin : min(evidence_at, waiver_at)]
        return Item(
            id=self.id,
            ticked=self.ticked,
            line=self.rows[0][0],
            end=self.rows[-1][0],
            depth=depth,
            sentence=" ".join(sentence.split()),
            tier=self.tier(),
            evidence=tuple(self.evidence(evidence_at, evidence_stop)),
            waiver=self.waiver(waiver_at, waiver_stop),
            text=self.text.lstrip(),
        )

    def place(self, position: int) -> tuple[int, int]:
        row = bisect_right(self.starts, position) - 1
        return self.rows[row][0], position - self.starts[row] + 1

    def tier(self) -> str | None:
        for comment in self.comments:
            words = comment.removeprefix("<!--").removesuffix("-->").split()
            if len(words) == 2 and words[0] == "from":
                return words[1]
        return None

    def evidence(self, start: int, stop: int) -> list[Evidence]:
        links = [link for link in self.links if start <= link.start < stop]
        ends = [0, *(link.end for link in links)]
        for bare in _ADDRESS.finditer(self.masked, start, stop):
            before = bisect_right([link.start for link in links], bare.start())
            if ends[before] <= bare.start():
                end = bare.end() - len(bare.group()) + len(bare.group().rstrip(".,;:!?'\""))
                target = self.text[bare.start() : end]
                links.append(Reference(bare.start(), end, end, target, False))
        return [self.proof(link) for link in sorted(links)]

    def proof(self, link: Reference) -> Evidence:
        after = self.shown[link.end : link.end + 200].lstrip()
        stamp = None
        if after.startswith("(sha256:"):
            stamp = after[8:].partition(")")[0].strip()
        text = self.text[link.start : link.inner].lstrip("[<")
        return Evidence(link.target, text, stamp, *self.place(link.start))

    def waiver_start(self) -> int:
        """Where `Waived` begins a sentence, or `waived until` stands anywhere; else the end."""
        for word in _WAIVED.finditer(self.masked, self.begin):
            before = self.masked[self.begin : word.start()][-200:].rstrip()
            after = self.masked[word.end() : word.end() + 200].split()[:1]
            if after == ["until"] or not before or before[-1] in ".!?;:)":
                return word.start()
        return len(self.text)

    def waiver(self, start: int, stop: int) -> Waiver | None:
        if start == len(self.text):
            return None
        head, _, reason = self.shown[start:stop].partition(":")
        words = head.split()[1:]
        lower = [word.lower() for word in words]
        by = lower.index("by") if "by" in lower else len(words)
        until_text = " ".join(words[1:by]).strip(",.;") if lower[:1] == ["until"] else ""
        return Waiver(
            until=_day(until_text),
            until_text=until_text,
            by=" ".join(words[by + 1 :]).strip(",.;"),
            reason=" ".join(reason.split()),
            line=self.place(start)[0],
            column=self.place(start)[1],
        )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
