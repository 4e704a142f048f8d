"""Render a decision as a Markdown table, for a job summary."""

from mlcharter.gate.verdict import HEADINGS, Decision, list_cells
from mlcharter.support.plain import markdown_text


def render(decision: Decision) -> str:
    rows = [HEADINGS, ("---",) * len(HEADINGS)]
    rows += [tuple(markdown_text(cell) for cell in list_cells(v)) for v in decision.verdicts]
    table = [f"| {' | '.join(row)} |" for row in rows]
    explained = [f"- {markdown_text(f'{e.gate}: {e.text}')}" for e in decision.explanations]
    notes = [line for note in decision.notes for line in ("", markdown_text(note))]
    if explained:
        table += ["", *explained]
    return "\n".join([f"**{decision.summary}**", "", *table, *notes]) + "\n"
