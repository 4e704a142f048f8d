"""Rules of Prometheus, and the series on which they are tried."""

import re
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from mlcharter.charter.config_entries import Entry
from mlcharter.formats import promql
from mlcharter.support.errors import UserError

Rule = dict[str, Any]
# A string, a comment, or a range; a range with a colon is that of a subquery.
_TOKEN = re.compile(
    r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|(?P<note>#[^\n]*)|\[(?P<range>[^\]]*)\]""",
    re.DOTALL,
)


TICK = 6  # so that nine days of a budget take no time


class Case(Struct, frozen=True):
    """Series with a sample every `step`, and the alerts of their group that fire at the end.

    Rules are evaluated every TICK hours, `ticks` times after the first.
    """

    name: str
    series: dict[str, str]
    fires: tuple[str, ...] = ()
    ticks: int = 3
    step: str = f"{TICK}h"


class Group(Struct, frozen=True):
    name: str
    rules: list[Rule]
    cases: list[Case] = field(default_factory=list)

    @property
    def alerts(self) -> list[str]:
        return [rule["alert"] for rule in self.rules if "alert" in rule]


def record(name: str, expr: str, **labels: str) -> Rule:
    return {"record": name, "expr": expr, "labels": labels}


def make_alert(name: str, expr: str, wait: str, severity: str, source: Entry, summary: str) -> Rule:
    """Return an alert with the owner and the playbook of `source`, an entry of `alerts`."""
    problem = promql.read(expr).problem
    if problem:
        raise UserError(f"the alert of {source.subject} {problem}", hint="correct its expression")
    return {
        "alert": name,
        "expr": expr,
        "for": wait,
        "labels": {
            "severity": severity,
            "owner": _escape(source.value.owner),
            "alert_policy": source.value.id,
        },
        "annotations": {
            "summary": _escape(summary),
            "runbook": f"{source.document.path}{source.value.runbook}",
        },
    }


def _escape(text: str) -> str:
    """Return text that Prometheus, which expands `{{ }}` in labels, shows as it is."""
    return text.replace("{{", '{{"{{"}}')


def hold(value: float, ticks: int = 3) -> str:
    """Return the series of a value that stays, in the notation of promtool."""
    return f"{Decimal(repr(value)):f}x{ticks}"


def end(value: float, ticks: int = 3) -> str:
    """Return the series of a value that becomes stale after its first sample."""
    return f"{Decimal(repr(value)):f} stale _x{ticks}"


def has_range(expression: str) -> bool:
    """Return whether an expression has exactly one range, in whose place another can be put."""
    ranges = {token["range"] for token in _TOKEN.finditer(expression)} - {None}
    return len(ranges) == 1 and not any(":" in found for found in ranges)


def wrap(entry: Entry, expression: str, window: str | None = None) -> str:
    """Return a valid expression in parentheses, without comments, with another window if given."""
    problem = promql.read(expression).problem
    if problem:
        raise UserError(f"an expression of {entry.subject} {problem}", hint="correct it")

    def replaced(token: re.Match[str]) -> str:
        if token["note"] is not None:
            return ""
        return f"[{window}]" if window and token["range"] is not None else token[0]

    return f"({_TOKEN.sub(replaced, expression).strip()})"
