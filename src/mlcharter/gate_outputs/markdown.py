"""A Markdown table, fit for a job summary."""

import string

from mlcharter.plain import plain
from mlcharter.verdict import HEADINGS, Decision, cells

# Backslash escapes keep text from becoming a cell, a link, an image, a mention or HTML.
_HARMLESS = " ,;()'\"%+-=/"
_ESCAPES = str.maketrans({c: f"\\{c}" for c in string.punctuation if c not in _HARMLESS})


def render(decision: Decision) -> str:
    rows = [HEADINGS, ("---",) * len(HEADINGS)]
    rows += [tuple(_escaped(cell) for cell in cells(v)) for v in decision.verdicts]
    table = [f"| {' | '.join(row)} |" for row in rows]
    notes = [line for note in decision.notes for line in ("", _escaped(note))]
    return "\n".join([f"**{decision.summary}**", "", *table, *notes]) + "\n"


def _escaped(text: str) -> str:
    return plain(text).translate(_ESCAPES)
