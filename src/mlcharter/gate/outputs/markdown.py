"""Render a decision as a Markdown table, for a job summary."""

from mlcharter.gate.verdict import HEADINGS, Decision, list_cells
from mlcharter.support.plain import markdown_text


def render(decision: Decision) -> str:
    rows = [HEADINGS, ("---",) * len(HEADINGS)]
    rows += [tuple(markdown_text(cell) for cell in list_cells(v)) for v in decision.verdicts]
    table = [f"| {' | '.join(row)} |" for row in rows]
    notes = [line for note in decision.notes for line in ("", markdown_text(note))]
    return "\n".join([f"**{decision.summary}**", "", *table, *notes]) + "\n"
