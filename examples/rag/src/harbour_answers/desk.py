"""What stands between the assistant and an agent at the quay: what is shown, kept and refused.

Pure, and without packages: answers come in as plain data from `rag.assistant`.
"""

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LONGEST = 500  # characters of a question
STALE = 26.0  # hours after which an index is old: one nightly build and two hours
PER_MINUTE = 20  # questions of one caller

NOTES = {
    "answered": "Quoted from the handbook by a program. The handbook itself holds.",
    "abstained": "The handbook does not seem to say. Ask the desk: +47 00 00 00 00.",
    "search-only": "Search only: no answer is given now. These pages may help.",
    "closed": "This service is closed. Ask the desk: +47 00 00 00 00.",
    "busy": "Too many questions in this minute. Ask again, or ask the desk.",
}
PERSONAL = {
    "<EMAIL_ADDRESS>": re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}\.[A-Za-z]{2,24}"),
    "<PHONE_NUMBER>": re.compile(r"\+\d[\d ]{6,16}\d|\b\d{3} \d{2} \d{3}\b"),
}


@dataclass(frozen=True)
class Quote:
    """A sentence with its place; `revised` is the day of the page."""

    text: str
    document: str
    start: int
    end: int
    revised: str


@dataclass(frozen=True)
class Reply:
    """What the agent sees, and which release said it."""

    shown: str
    quotes: tuple[Quote, ...]
    note: str
    release: str


class TamperedError(ValueError):
    """A release is not, byte for byte, the one that was signed."""


def reply(
    quotes: Sequence[Quote],
    *,
    release: str,
    index_age: float,
    withdrawn: frozenset[str] = frozenset(),
) -> Reply:
    """An answer, or why there is none.

    A quote of a page that was withdrawn takes the whole answer with it: what is left of an answer
    may say the opposite. Pages that this caller may not read were not searched.
    """
    if index_age > STALE:
        return Reply("search-only", (), NOTES["search-only"], release)
    hidden = [q for q in quotes if q.document in withdrawn]
    shown = "answered" if quotes and not hidden else "abstained"
    return Reply(shown, tuple(quotes) if shown == "answered" else (), NOTES[shown], release)


def closed(release: str) -> Reply:
    """What is said when there is no verified release, or the owner has closed the service."""
    return Reply("closed", (), NOTES["closed"], release)


def refused(question: str, asked_this_minute: int) -> str | None:
    """Why a question is not taken, or None."""
    if asked_this_minute >= PER_MINUTE:
        return NOTES["busy"]
    if not question.strip() or len(question) > LONGEST:
        return f"A question has 1 to {LONGEST} characters."
    return None


def cache_key(release: str, question: str, groups: frozenset[str]) -> str:
    """The name of a kept answer: no other release and nobody of other groups gets it."""
    named = json.dumps([release, question, sorted(groups)])
    return hashlib.sha256(named.encode()).hexdigest()


def page(given: Reply) -> str:
    """The reply as HTML: quotes are text, so that nothing in a page becomes a link or a script."""
    lines = [f'<p class="note {given.shown}">{html.escape(given.note)}</p>']
    for quote in given.quotes:
        place = f"{quote.document}, revised {quote.revised}"
        lines.append(f"<blockquote>{html.escape(quote.text)}</blockquote>")
        lines.append(f"<cite>{html.escape(place)}</cite>")
    return "\n".join(lines) + "\n"


def without_names(question: str) -> str:
    """The question as it is logged: mail addresses and telephone numbers are masked."""
    for mark, pattern in PERSONAL.items():
        question = pattern.sub(mark, question)
    return question


def logged(question: str, given: Reply, caller: str, salt: bytes) -> str:
    """One line of the log of answers; the caller is a hash whose salt is thrown away weekly."""
    who = hashlib.sha256(salt + caller.encode()).hexdigest()[:12]
    spans = [[q.document, q.start, q.end] for q in given.quotes]
    entry = {"asked": without_names(question), "by": who, "quoted": spans}
    return json.dumps({**entry, "release": given.release, "shown": given.shown}, sort_keys=True)


def verified(folder: Path, members: Mapping[str, str], least: int, sequence: int) -> None:
    """TamperedError unless every member has its digest and the sequence is not below `least`."""
    if sequence < least:
        raise TamperedError(f"sequence {sequence} is below {least}")
    for name, sha256 in members.items():
        path = folder / name
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
        if found != sha256:
            raise TamperedError(f"{name} is {found[:12]}, and the release names {sha256[:12]}")
