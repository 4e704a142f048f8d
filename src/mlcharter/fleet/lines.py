"""One line about each repository of a fleet: a JSON object, or text for a terminal."""

from collections import Counter

import click
from msgspec import to_builtins

from mlcharter.fleet.rows import Row
from mlcharter.fleet.updating import Updated
from mlcharter.support.plain import as_json, plain

_RULES = 3  # shown of a repository


def render(row: Row | Updated, format_: str = "jsonl") -> str:
    """Return the line of a repository; JSON is in ASCII, so that no terminal interprets it."""
    if format_ == "jsonl":
        return as_json(to_builtins(row), indent=None)
    return _checked(row) if isinstance(row, Row) else _updated(row)


def _checked(row: Row) -> str:
    """Return a line of text about a check."""
    colour = {"passes": "green", "not adopted": "yellow"}.get(row.outcome, "red")
    outcome = click.style(f"{row.outcome:11}", fg=colour)
    score = "" if row.score is None else f", score {row.score}"
    about = {
        "passes": f"at level {row.level}{score}, template {row.template}",
        "fails": f"at level {row.level}: {why(row)}{score}, template {row.template}",
    }.get(row.outcome, row.error)
    return f"{outcome} {plain(row.name)} {plain(about)}".rstrip() + "\n"


def why(row: Row) -> str:
    """Return the rules that fail with how often, the most frequent first."""
    if row.error:
        return row.error
    counts = Counter(failing.rule for failing in row.failing).most_common()
    shown = [f"{count} {rule}" for rule, count in counts[:_RULES]]
    more = [f"{len(counts) - _RULES} more rules"] if len(counts) > _RULES else []
    return ", ".join([*shown, *more]) or row.outcome


def _updated(row: Updated) -> str:
    """Return a line of text about an update."""
    about = {
        "updated": f"{row.old} → {row.new} on {row.branch}, {row.failing} fail, "
        f"{row.weakens} to approve",
        "current": f"template {row.new}",
        "conflicts": f"{row.old} → {row.new}: {', '.join(row.conflicts)}",
        "waiting": f"the branch {row.branch} exists; merge or delete it",
    }.get(row.state, row.error)
    colour = {"updated": "green", "current": "green", "failed": "red"}.get(row.state, "yellow")
    state = click.style(f"{row.state:11}", fg=colour)
    return f"{state} {plain(row.name)} {plain(about)}".rstrip() + "\n"
