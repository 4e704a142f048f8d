"""Markdown for a job summary: what fails in a table, the rest in a sentence each."""

from collections.abc import Sequence

from mlcharter.check.judged import Judged, Result, summary
from mlcharter.support.plain import markdown_text

_MOST = 200


def render(results: Sequence[Result]) -> str:
    lines: list[str] = []
    for result in results:
        head, *rest = summary(result)
        name = f"{result.prefix}: " if result.prefix else ""
        lines += [f"**{markdown_text(name + head)}**", ""]
        failing = list(result.having("fails"))
        if failing:
            lines += ["| Place | Finding | Rule |", "|---|---|---|"]
            lines += [_row(result.path(judged), judged) for judged in failing[:_MOST]]
            lines.append("")
        if len(failing) > _MOST:
            lines += [f"and {len(failing) - _MOST} more", ""]
        for line in rest:
            lines += [markdown_text(line), ""]
    return "\n".join(lines[:-1]) + "\n"


def _row(path: str, judged: Judged) -> str:
    finding = judged.finding
    cells = (f"{path}:{finding.line}", finding.message, finding.rule)
    return f"| {' | '.join(map(markdown_text, cells))} |"
