"""Render a decision as an aligned table for a terminal, one row per gate."""

import click

from mlcharter.gate.verdict import HEADINGS, Decision, list_cells
from mlcharter.support.plain import plain

COLOURS = {
    **{"pass": "green", "fail": "red", "warn": "yellow"},
    **dict.fromkeys(("waived", "starter", "undecided"), "cyan"),
}
GAP = "  "


def render(decision: Decision) -> str:
    rows = [HEADINGS, *([plain(cell) for cell in list_cells(v)] for v in decision.verdicts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        padded[4] = click.style(padded[4], fg=COLOURS.get(row[4]), bold=row[4] == "fail" or None)
        lines.append(GAP.join(padded).rstrip())
    explained = [plain(f"{e.gate}: {e.text}") for e in decision.explanations]
    lines += ["", *explained, ""] if explained else [""]
    lines += [*(plain(note) for note in decision.notes), decision.summary]
    return "\n".join(lines) + "\n"
