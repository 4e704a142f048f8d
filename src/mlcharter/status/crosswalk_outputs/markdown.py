"""Markdown for a report or a document: a table of states, then each clause with its evidence."""

import posixpath
from collections.abc import Iterator
from urllib.parse import quote

from mlcharter.status.clause_parts import ClausePart, describe
from mlcharter.status.crosswalks import STATES, ClauseStatus, CrosswalkStatus
from mlcharter.support.plain import markdown_code, markdown_text

_KEPT = "/?#&=+,;:@!$*'~%"  # in an address, besides letters, digits and `_.-`


def render(status: CrosswalkStatus, folder: str = "", note: str = "") -> str:
    """Return the document; links to files start at `folder`, by default the root."""
    lines = [f"# {markdown_text(f'{status.title}: {status.name}')}", ""]
    lines += [note, ""] if note else []
    lines += [*_list_head(status), "", "| State | Clauses |", "|---|---|"]
    for state, said in STATES.items():
        ids = [markdown_text(clause.id) for clause in status.clauses if clause.state == state]
        lines.append(f"| {said}: {len(ids)} | {', '.join(ids)} |")
    for clause in status.clauses:
        lines += ["", *_list_lines(clause, folder)]
    return "\n".join(lines) + "\n"


def _list_head(status: CrosswalkStatus) -> Iterator[str]:
    source = markdown_text(status.source or status.title)
    if status.url is not None:
        source = f"[{source}]({_quote(status.url, '')})"
    checked = f"; mapping checked on {status.checked_on}" if status.checked_on else ""
    yield f"Source: {source}{checked}."
    tracks = ", ".join(map(markdown_text, status.tracks))
    yield f"Tier {status.tier}; {tracks}."
    yield "The states are those of the linked records; they are no judgement of conformity."


def _list_lines(clause: ClauseStatus, folder: str) -> Iterator[str]:
    yield f"## {markdown_text(clause.id)}"
    yield ""
    yield f"Asks: {markdown_text(clause.asks)}."
    yield ""
    yield f"State: {STATES[clause.state]}."
    if clause.parts or clause.gap is not None:
        yield ""
    for part in clause.parts:
        yield f"- {_describe(part, folder)}"
    if clause.gap is not None:
        yield f"- not shown: {markdown_text(clause.gap)}"


def _describe(part: ClausePart, folder: str) -> str:
    name = markdown_code(part.id)
    if part.place:
        path, mark, anchor = part.place.partition("#")
        name = f"[{name}]({_quote(path, folder)}{mark}{quote(anchor, errors='replace')})"
    links = ", ".join(
        f"[{markdown_text(proof.text)}]({_quote(proof.target, folder)})" for proof in part.evidence
    )
    return f"{part.kind} {name}: {markdown_text(describe(part))}{'; ' if links else ''}{links}"


def _quote(target: str, folder: str) -> str:
    """Return the target of a link: an address as it is, a path from the folder."""
    if target.startswith(("https://", "http://")):
        return quote(target, safe=_KEPT, errors="replace")
    path, mark, fragment = target.partition("#")
    place = quote(posixpath.relpath(path or ".", folder or "."), errors="replace")
    return place + mark + quote(fragment, safe="%", errors="replace")
