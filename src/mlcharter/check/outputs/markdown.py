"""Markdown for a job summary: a table of failing findings, and one line for each other number."""

from collections.abc import Iterator, Sequence

from mlcharter.check.result import Judged, Result, summary
from mlcharter.support.plain import markdown_text

_MOST = 200
_LARGEST = 500_000  # bytes of rows; GitHub does not show a summary over 1 MiB


def render(results: Sequence[Result]) -> str:
    lines: list[str] = []
    for result in results:
        head, *rest = summary(result)
        name = f"{result.prefix}: " if result.prefix else ""
        lines += [f"**{markdown_text(name + head)}**", ""]
        failing = list(result.with_outcome("fails"))
        if failing:
            lines += ["| Place | Finding | Rule |", "|---|---|---|"]
            rows = list(_rows(result, failing, _LARGEST // len(results)))
            lines += [*rows, ""]
            if len(failing) > len(rows):
                lines += [f"and {len(failing) - len(rows)} more", ""]
        for line in rest:
            lines += [markdown_text(line), ""]
    return "\n".join(lines[:-1]) + "\n"


def _rows(result: Result, failing: Sequence[Judged], left: int) -> Iterator[str]:
    """Yield at most `_MOST` rows, in at most `left` bytes."""
    for judged in failing[:_MOST]:
        row = _row(result.path(judged), judged)
        left -= len(row.encode())
        if left < 0:
            return
        yield row


def _row(path: str, judged: Judged) -> str:
    finding = judged.finding
    cells = (f"{path}:{finding.line}", finding.message, finding.rule)
    return f"| {' | '.join(map(markdown_text, cells))} |"
