"""Render a decision as an aligned table for a terminal, one row per gate."""

from collections.abc import Iterator, Sequence

import click

from mlcharter.gate.verdict import HEADINGS, Decision, Verdict, list_cells
from mlcharter.support.plain import plain

COLOURS = {
    **{"pass": "green", "fail": "red", "warn": "yellow"},
    **dict.fromkeys(("waived", "starter", "undecided"), "cyan"),
}
GAP = "  "


def render(decision: Decision, shown: Sequence[Verdict] | None = None) -> str:
    """Return the rows of the verdicts that are `shown`, or of all, and the counts of all."""
    verdicts = decision.verdicts if shown is None else shown
    lines = [*_align(verdicts), ""] if verdicts or shown is None else []
    if decision.explanations:
        lines += [*(plain(f"{e.gate}: {e.text}") for e in decision.explanations), ""]
    lines += [*(plain(note) for note in decision.notes), decision.summary]
    return "\n".join(lines) + "\n"


def _align(verdicts: Sequence[Verdict]) -> Iterator[str]:
    rows = [HEADINGS, *([plain(cell) for cell in list_cells(v)] for v in verdicts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        padded[4] = click.style(padded[4], fg=COLOURS.get(row[4]), bold=row[4] == "fail" or None)
        yield GAP.join(padded).rstrip()
