"""Markdown for a job summary: what fails in a table, the rest in a sentence each."""

import string
from collections.abc import Sequence

from mlcharter.judged import Judged, Result, summary
from mlcharter.plain import told

# Backslash escapes keep text from becoming a cell, a link, an image, a mention or HTML.
_HARMLESS = " ,;()'\"%+-=/.:"
_ESCAPES = str.maketrans({c: f"\\{c}" for c in string.punctuation if c not in _HARMLESS})
_MOST = 200


def render(results: Sequence[Result]) -> str:
    lines: list[str] = []
    for result in results:
        head, *rest = (_escaped(line) for line in summary(result))
        name = f"{_escaped(result.prefix)}: " if result.prefix else ""
        lines += [f"**{name}{head}**", ""]
        failing = list(result.having("fails"))
        if failing:
            lines += ["| Place | Finding | Rule |", "|---|---|---|"]
            lines += [_row(result.path(judged), judged) for judged in failing[:_MOST]]
            lines.append("")
        if len(failing) > _MOST:
            lines += [f"and {len(failing) - _MOST} more", ""]
        for line in rest:
            lines += [line, ""]
    return "\n".join(lines[:-1]) + "\n"


def _row(path: str, judged: Judged) -> str:
    finding = judged.finding
    place = f"{_escaped(path)}:{finding.line}"
    return f"| {place} | {_escaped(finding.message)} | {_escaped(finding.rule)} |"


def _escaped(text: str) -> str:
    return told(text).translate(_ESCAPES)
