"""Alerts that are derived from config blocks, in groups, with the series on which each is tried."""

from collections.abc import Iterator

from mlcharter.charter import alert_sources
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.export.alerts import budgets, signals, slos
from mlcharter.export.alerts.building import Group, Rule, make_alert, wrap
from mlcharter.support.errors import UserError

__all__ = ["SOURCES", "derive"]
SOURCES = ("slos", "budgets", "alerts")


def derive(charter: Charter) -> list[Group]:
    """Return the groups of rules of a charter; none if no alert can be derived."""
    groups = [group for group in _derive(charter) if group.rules]
    seen: set[str] = set()
    for name in (name for group in groups for name in group.alerts):
        if name in seen:
            raise UserError(f"two alerts are named `{name}`", hint="rename one")
        seen.add(name)
    return groups


def _derive(charter: Charter) -> Iterator[Group]:
    alerts = charter.named("alerts")
    for slo in charter.entries("slos"):
        yield slos.derive(slo, alerts)
    for budget in charter.entries("budgets"):
        yield budgets.derive(budget, charter)
    for entry in alerts.values():
        kind = entry.value.subject.partition("/")[0]
        if entry.value.expr is None and kind in signals.KINDS:
            yield signals.KINDS[kind](entry, charter)
    copied = [entry for entry in alerts.values() if not _has_only_playbook(entry)]
    yield Group("runbook", [_copy(entry) for entry in copied])


def _has_only_playbook(alert: Entry) -> bool:
    return alert.value.expr is None and alert.value.subject.startswith(alert_sources.DERIVED)


def _copy(entry: Entry) -> Rule:
    value = entry.value
    missing = [key for key in alert_sources.KEYS if getattr(value, key) is None]
    if missing:
        raise UserError(
            f"{entry.subject} has no `{missing[0]}`",
            hint="add it; only the alerts of " + alert_sources.LISTED + " are derived",
        )
    expr = wrap(entry, value.expr)[1:-1]
    return make_alert(value.id, expr, value.wait, value.severity, entry, value.subject)
