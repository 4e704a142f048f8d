"""A budget's alert does not fire where the budget says, or counts something else.

The limits in the alert are the amount times each share of `warn_at`; the expression is that of the
budget's metric, over the budget's period. Otherwise the budget is raised on paper, and the alert
goes on firing, or never fires.

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: unit_metrics -->
    ```yaml
    - {id: spend, expr: "sum(increase(cost_total[30d]))", unit: EUR, otel: null, focus: []}
    ```

    <!-- config: budgets -->
    ```yaml
    - {id: serving-month, metric: spend, amount: 1400, currency: EUR, period: month,
        owner: "@acme/ops", alert: spend, warn_at: [0.5, 1.0], hard: false}
    ```

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: spend, subject: budget/serving-month,
        expr: "sum(increase(cost_total[30d])) > 700 or sum(increase(cost_total[30d])) > 1200",
        wait: 1h, severity: ticket, owner: "@acme/ops", runbook: "#budget"}
    ```

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: unit_metrics -->
    ```yaml
    - {id: spend, expr: "sum(increase(cost_total[30d]))", unit: USD, otel: null, focus: []}
    ```

    <!-- config: budgets -->
    ```yaml
    - {id: serving-month, metric: spend, amount: 1400, currency: EUR, period: week,
        owner: "@acme/ops", alert: spend, warn_at: [1.0, 0.5], hard: false}
    ```

Fine:

    --- cost/cost_dashboard_spec.md
    <!-- config: unit_metrics -->
    ```yaml
    - {id: spend, expr: "sum(increase(cost_total[30d]))", unit: EUR, otel: null, focus: []}
    ```

    <!-- config: budgets -->
    ```yaml
    - {id: serving-month, metric: spend, amount: 1400, currency: EUR, period: month,
        owner: "@acme/ops", alert: spend, warn_at: [0.5, 1.0], hard: false}
    ```

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: spend, subject: budget/serving-month,
        expr: "sum(increase(cost_total[30d])) > 700 or sum(increase(cost_total[30d])) > 1.0 * 1400",
        wait: 1h, severity: ticket, owner: "@acme/ops", runbook: "#budget"}
    ```
"""

import re
from collections.abc import Iterator
from math import isclose

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"
_CURRENCY = re.compile(r"[A-Z]{3}\b")
_DAYS = {"day": (1, 1), "week": (7, 7), "month": (28, 31), "quarter": (89, 92), "year": (365, 366)}


def check(charter: Charter) -> Iterator[Finding]:
    metrics = charter.named("unit_metrics")
    alerts = charter.named("alerts")
    for budget in charter.entries("budgets"):
        yield from _warned(budget)
        metric = metrics.get(budget.value.metric)
        alert = alerts.get(budget.value.alert)
        if metric is not None:
            yield from _measured(budget, metric)
        elif charter.settled("unit_metrics"):
            message = f"{budget.subject} is about `{budget.value.metric}`, not in `unit_metrics`"
            yield budget.finding(f"{message}; define it, or correct the id", "metric")
        if alert is not None and not promql.read(alert.value.expr).problem:
            yield from _alerted(budget, alert, metric)


def _warned(budget: Entry) -> Iterator[Finding]:
    shares = budget.value.warn_at
    if shares != sorted(set(shares)) or shares[0] <= 0:
        message = f"{budget.subject} warns at shares that do not rise; order them"
        yield budget.finding(message, "warn_at")
    elif shares[-1] != 1:
        message = f"{budget.subject} does not warn when it is spent; end `warn_at` with 1.0"
        yield budget.finding(message, "warn_at")


def _measured(budget: Entry, metric: Entry) -> Iterator[Finding]:
    value = budget.value
    currency = _CURRENCY.match(metric.value.unit)
    if currency is None or currency[0] != value.currency:
        message = f"{budget.subject} is in {value.currency}, and {metric.subject} counts"
        yield budget.finding(f"{message} {metric.value.unit}; use one currency", "currency")
    least, most = _DAYS[value.period]
    for window in promql.read(metric.value.expr).windows:
        if not least <= window / 86400 <= most:
            message = f"{budget.subject} is for a {value.period}, and {metric.subject} counts over"
            yield budget.finding(f"{message} {window / 86400:g} days; make them agree", "period")
            return


def _alerted(budget: Entry, alert: Entry, metric: Entry | None) -> Iterator[Finding]:
    value = budget.value
    limits = [comparison.limit for comparison in promql.read(alert.value.expr).comparisons]
    wanted = sorted(value.amount * share for share in value.warn_at)
    if len(limits) != len(wanted) or not all(map(_same, sorted(limits), wanted)):
        fires = ", ".join(f"{limit:.10g}" for limit in sorted(limits)) or "no number"
        warns = ", ".join(f"{limit:.10g}" for limit in wanted)
        message = f"{alert.subject} fires at {fires}, and {budget.subject} warns at {warns}"
        yield alert.finding(f"{message}; make them agree", "expr")
    if metric is not None:
        counted = promql.read(metric.value.expr).text
        if counted not in promql.read(alert.value.expr).text and not _recorded(alert):
            message = f"{alert.subject} does not count as {metric.subject} does"
            yield alert.finding(f"{message}; use its expression", "expr")


def _same(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=1e-6)


def _recorded(alert: Entry) -> bool:
    """Whether it asks for what a recording rule made, whose expression does not stand here."""
    return any(":" in name for name in promql.read(alert.value.expr).metrics)
