"""Text for a terminal: the fleet in one screen."""

from collections.abc import Iterable

from mlcharter.fleet.reporting import DUE_DAYS, Fleet
from mlcharter.support.plain import plain

_MOST = 10


def render(fleet: Fleet) -> str:
    now = fleet.now
    score = "" if now.score is None else f", median score {now.score:g} of 100"
    lines = [
        f"{fleet.date}: {now.repositories} repositories, {now.adopted} with a charter, "
        f"{now.passing} pass{score}"
    ]
    lines += _block(
        "template, by repositories",
        (f"{n:6} {version or 'unknown'}" for version, n in fleet.templates.items()),
    )
    lines += _block(
        "most frequent findings, by repositories",
        (f"{r.repositories:6} {r.rule}, {r.findings} in all" for r in fleet.rules),
    )
    due = [held for held in fleet.excuses if held.due]
    lines += _block(
        f"end within {DUE_DAYS} days, or have ended",
        (f"{h.excuse.until} {h.repository}: {h.excuse.what}, by {h.excuse.by}" for h in due),
    )
    failed = [row for row in fleet.repositories if row.state == "failed"]
    lines += _block("not checked", (f"{row.name}: {row.error}" for row in failed))
    return "\n".join(lines) + "\n"


def _block(title: str, entries: Iterable[str]) -> list[str]:
    shown = list(entries)
    more = [f"  {len(shown) - _MOST} more"] if len(shown) > _MOST else []
    return (
        ["", f"{title}:", *(f"  {plain(line)}" for line in shown[:_MOST]), *more] if shown else []
    )
