"""Parse one item of a checklist: its id, box, evidence, waiver and tier."""

import re
from bisect import bisect_right
from datetime import date

from msgspec import Struct

from mlcharter.markdown.inline import Prose, Reference


class Evidence(Struct, frozen=True, gc=False):
    """The proof of an item: a link or a bare address after `Evidence:`.

    `digest` is the value of `(sha256:…)` right after it, in lower case, or None.
    Letter case and backticks around it are ignored.
    """

    target: str
    text: str
    digest: str | None
    line: int
    column: int


class Waiver(Struct, frozen=True):
    """A waiver `Waived until 2027-01-31 by @lead: reason`; a missing part is empty.

    `until` is None if `until_text`, as written, is not an ISO date.
    """

    until: date | None
    until_text: str
    by: str
    reason: str
    line: int
    column: int


class Item(Struct, frozen=True):
    """A list item with a box. `text` is its own text, without nested items and code blocks.

    `id` is None for a team's own item without one. `tier` comes from `<!-- from tier -->`.
    `sentence` is the requirement: without id, evidence, waiver and comments.
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
    text: str


BOX = 3  # characters of a box


def has_box(text: str) -> bool:
    """Return whether the text of a list item begins with `[ ]` or `[x]`."""
    return text[:3] in ("[ ]", "[x]", "[X]") and text[3:4] in (" ", "\t", "\n", "\r")


_ID = re.compile(r"[ \t]*`([a-z0-9]+(?:-[a-z0-9]+)*)`")
_EVIDENCE = re.compile(r"\b[Ee]vidence:")
_WAIVED = re.compile(r"\b[Ww]aived\b")
_DIGEST = re.compile(r"(?:`\(?|\(`?)\s*sha-?256:([^)`]*)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]]+")


def read_id(text: str, begin: int) -> str | None:
    """Return the id of an item whose box ends at `begin`; None if it has none."""
    named = _ID.match(text, begin)
    return named[1] if named else None


def read_item(prose: Prose, depth: int) -> Item:
    """Parse an item from its own text, whose inlines begin right after its box."""
    named = _ID.match(prose.text, prose.begin)
    begin = named.end() if named else prose.begin
    shown = prose.masked("<") if "<" in prose.text else prose.text
    masked = prose.masked("<`")
    end = len(masked)
    proof = _EVIDENCE.search(masked, begin) if "vidence:" in masked else None
    evidence_at = proof.start() if proof else end
    waiver_at = _waiver_start(masked, begin) if "aived" in masked else end
    return Item(
        id=named.group(1) if named else None,
        ticked=prose.text[prose.begin - 2] != " ",
        line=prose.rows[0][0],
        end=prose.rows[-1][0],
        depth=depth,
        sentence=" ".join(shown[begin : min(evidence_at, waiver_at)].split()),
        tier=_tier(prose.comments) if "<" in prose.text else None,
        evidence=_evidence(
            prose, masked, evidence_at, waiver_at if waiver_at > evidence_at else end
        ),
        waiver=_waiver(prose, shown, waiver_at, evidence_at if evidence_at > waiver_at else end),
        text=prose.text[prose.begin :].lstrip(),
    )


def _tier(comments: list[str]) -> str | None:
    for comment in comments:
        words = comment.removeprefix("<!--").removesuffix("-->").split(None, 3)
        if len(words) == 2 and words[0] == "from":
            return words[1]
    return None


def _evidence(prose: Prose, masked: str, start: int, stop: int) -> tuple[Evidence, ...]:
    """Return the links, and the addresses outside links, in a range of the text."""
    if start >= stop:
        return ()
    links = [link for link in prose.links if start <= link.start < stop and not link.image]
    if masked.find("://", start, stop) >= 0:
        starts = [link.start for link in links]
        for bare in _ADDRESS.finditer(masked, start, stop):
            before = bisect_right(starts, bare.start())
            if before == 0 or links[before - 1].end <= bare.start():
                target = bare.group().rstrip(".,;:!?'\"")
                end = bare.start() + len(target)
                links.append(Reference(bare.start(), end, end, target, False))
        links.sort()
    return tuple(_proof(prose, link) for link in links)


def _proof(prose: Prose, link: Reference) -> Evidence:
    after = prose.text[link.end : link.end + 200].lstrip()
    found = _DIGEST.match(after)
    digest = found[1].strip().lower() if found else None
    text = prose.text[link.start : link.inner].lstrip("[<")
    return Evidence(link.target, text, digest, *prose.place(link.start))


def _waiver_start(masked: str, begin: int) -> int:
    """Return where a waiver begins, the end if there is none.

    It begins with `Waived` at the start of a sentence, or with `waived until` anywhere.
    """
    for word in _WAIVED.finditer(masked, begin):
        before = masked[max(begin, word.start() - 200) : word.start()].rstrip()
        after = masked[word.end() : word.end() + 200].split(None, 1)[:1]
        if after == ["until"] or not before or before[-1] in ".!?;:)":
            return word.start()
    return len(masked)


def _waiver(prose: Prose, shown: str, start: int, stop: int) -> Waiver | None:
    if start >= stop:
        return None
    head, _, reason = shown[start:stop].partition(":")
    words = head.split()[1:]
    by = words.index("by") if "by" in words else len(words)
    until = " ".join(words[1:by]).strip(",.;") if words[:1] == ["until"] else ""
    who = " ".join(words[by + 1 :]).strip(",.;")
    return Waiver(parse_date(until), until, who, " ".join(reason.split()), *prose.place(start))


def parse_date(text: str) -> date | None:
    """Return an ISO date; None for any other text."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
