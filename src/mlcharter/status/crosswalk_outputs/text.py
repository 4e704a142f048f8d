"""Text for a terminal: a line for each clause, and below it its parts and what they do not show."""

from collections.abc import Iterator

import click

from mlcharter.status.clause_parts import ClausePart, describe
from mlcharter.status.crosswalks import STATES, ClauseStatus, CrosswalkStatus
from mlcharter.support.plain import plain


def render(status: CrosswalkStatus) -> str:
    counts = ", ".join(f"{status.counts[state]} {said}" for state, said in STATES.items())
    head = f"{plain(status.title)}: {plain(status.name)}, {status.tier}"
    lines = [click.style(head, bold=True), f"{len(status.clauses)} clauses: {counts}", ""]
    width = max((len(plain(clause.id)) for clause in status.clauses), default=0)
    for clause in status.clauses:
        lines += _list_lines(clause, width)
    return "\n".join(lines) + "\n"


def _list_lines(clause: ClauseStatus, width: int) -> Iterator[str]:
    said = STATES[clause.state].ljust(13)
    said = click.style(said, fg="green") if clause.state == "with-evidence" else said
    yield f"{plain(clause.id).ljust(width)}  {said}  {plain(clause.asks)}"
    indent = " " * (width + 17)
    for part in clause.parts:
        yield f"{indent}{_describe(part)}"
    if clause.gap is not None:
        yield f"{indent}not shown: {plain(clause.gap)}"


def _describe(part: ClausePart) -> str:
    return f"{part.kind} {plain(part.id)}: {plain(describe(part))}"
