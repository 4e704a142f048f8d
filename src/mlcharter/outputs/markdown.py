"""Markdown for a job summary: what fails in a table, the rest in a sentence each."""

from collections.abc import Sequence

from mlcharter.judged import Judged, Result, summary
from mlcharter.plain import markdown_text

_MOST = 200


def render(results: Sequence[Result]) -> str:
    lines: list[str] = []
    for result in results:
        head, *rest = (markdown_text(line) for line in summary(result))
        name = f"{markdown_text(result.prefix)}: " if result.prefix else ""
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
    place = f"{markdown_text(path)}:{finding.line}"
    return f"| {place} | {markdown_text(finding.message)} | {markdown_text(finding.rule)} |"
