"""Markdown for an issue or a job summary."""

from collections.abc import Iterable

from mlcharter.fleet.reporting import DUE_DAYS, Fleet
from mlcharter.fleet.rows import Row
from mlcharter.support.plain import markdown_text

_MOST = 200  # rows of a table


def render(fleet: Fleet) -> str:
    now = fleet.now
    parts = [
        f"# Fleet on {fleet.date}\n",
        f"{now.repositories} repositories, {now.adopted} with a charter, {now.passing} pass.\n",
        _table(
            "Template",
            ("version", "repositories"),
            ((markdown_text(version), n) for version, n in fleet.templates.items()),
        ),
        _table(
            "Most frequent findings",
            ("rule", "repositories", "findings"),
            ((markdown_text(r.rule), r.repositories, r.findings) for r in fleet.rules),
        ),
        _table(
            f"End within {DUE_DAYS} days, or have ended",
            ("until", "repository", "what", "by", "reason"),
            (
                (
                    held.excuse.until,
                    markdown_text(held.repository),
                    markdown_text(held.excuse.what),
                    markdown_text(held.excuse.by),
                    markdown_text(held.excuse.reason),
                )
                for held in fleet.excuses
                if held.due
            ),
        ),
        _table(
            "Repositories",
            ("repository", "owner", "state", "template", "level", "fail", "score"),
            map(_cells, fleet.repositories),
        ),
    ]
    return "\n".join(part for part in parts if part)


def _cells(row: Row) -> tuple[object, ...]:
    name, owner = markdown_text(row.name), markdown_text(row.owner)
    template = markdown_text(row.template) if row.template else ""
    score = "" if row.score is None else row.score
    return name, owner, row.outcome, template, row.level, len(row.failing), score


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    shown = list(rows)
    if not shown:
        return ""
    lines = [f"| {' | '.join(map(str, cells))} |" for cells in (head, ("---",) * len(head))]
    lines += [f"| {' | '.join(map(str, cells))} |" for cells in shown[:_MOST]]
    more = [f"\n{len(shown) - _MOST} more."] if len(shown) > _MOST else []
    return "\n".join([f"## {title}\n", *lines, *more, ""])
