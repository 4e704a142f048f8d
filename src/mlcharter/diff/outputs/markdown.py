"""Markdown for a job summary: a table, what weakens first; the counts of the rest."""

from mlcharter.check.result import join
from mlcharter.diff.difference import Comparison, Difference
from mlcharter.support.plain import markdown_text

_MOST = 200
_LARGEST = 500_000  # characters of rows; GitHub does not show a summary over 1 MiB


def render(comparison: Comparison) -> str:
    head, *rest = comparison.summary
    shown = comparison.shown
    rows: list[str] = []
    size = 0
    for difference in shown[:_MOST]:
        rows.append(_row(comparison.prefix, difference))
        size += len(rows[-1])
        if size > _LARGEST:
            rows.pop()
            break
    lines = [f"**{markdown_text(head)}**", ""]
    if rows:
        lines += [
            "| Class | What | Before → after | Place | Needs |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    if len(shown) > len(rows):
        lines += [f"and {len(shown) - len(rows)} more", ""]
    for difference in shown[:_MOST]:
        if difference.excuses:
            lines += [markdown_text(f"{difference.subject} excuses:"), ""]
            lines += [*(f"- {markdown_text(text)}" for text in difference.excuses), ""]
    for line in rest:
        lines += [markdown_text(line), ""]
    return "\n".join(lines[:-1]) + "\n"


def _row(prefix: str, difference: Difference) -> str:
    place = f"{join(prefix, difference.path)}:{difference.line}"
    place += " (at the base)" if difference.at_base else ""
    needs = "; ".join(part for part in (difference.note, difference.needs) if part)
    cells = (difference.effect, difference.subject, difference.value, place, needs)
    return f"| {' | '.join(map(markdown_text, cells))} |"
