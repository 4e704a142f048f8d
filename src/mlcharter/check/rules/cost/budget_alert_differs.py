"""A budget's alert does not match the budget.

The alert must fire at the amount times each share of `warn_at`, with the expression of the budget's
metric over the budget's period. Otherwise the alert keeps the limits of an old budget.

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
        yield from _check_shares(budget)
        metric = metrics.get(budget.value.metric)
        alert = alerts.get(budget.value.alert)
        if metric is not None:
            yield from _check_metric(budget, metric)
        elif charter.settled("unit_metrics"):
            message = f"{budget.subject} has the metric `{budget.value.metric}`"
            why = "which is not defined in `unit_metrics`; define it or correct the id"
            yield budget.finding(f"{message}, {why}", "metric")
        if alert is not None and not promql.read(alert.value.expr).problem:
            yield from _check_alert(budget, alert, metric)


def _check_shares(budget: Entry) -> Iterator[Finding]:
    shares = budget.value.warn_at
    if shares != sorted(set(shares)) or shares[0] <= 0:
        message = f"{budget.subject} must have ascending shares above 0 in `warn_at`; sort them"
        yield budget.finding(message, "warn_at")
    elif shares[-1] != 1:
        message = f"{budget.subject} does not warn at 100 %; end `warn_at` with 1.0"
        yield budget.finding(message, "warn_at")


def _check_metric(budget: Entry, metric: Entry) -> Iterator[Finding]:
    value = budget.value
    currency = _CURRENCY.match(metric.value.unit)
    if currency is None or currency[0] != value.currency:
        message = f"{budget.subject} is in {value.currency}, but {metric.subject} is in"
        yield budget.finding(f"{message} {metric.value.unit}; use one currency", "currency")
    least, most = _DAYS[value.period]
    for window in promql.read(metric.value.expr).windows:
        if not least <= window / 86400 <= most:
            message = f"{budget.subject} is for a {value.period}, but {metric.subject} covers"
            yield budget.finding(f"{message} {window / 86400:g} days; use one period", "period")
            return


def _check_alert(budget: Entry, alert: Entry, metric: Entry | None) -> Iterator[Finding]:
    value = budget.value
    limits = [comparison.limit for comparison in promql.read(alert.value.expr).comparisons]
    expected = sorted(value.amount * share for share in value.warn_at)
    if len(limits) != len(expected) or not all(map(_is_close, sorted(limits), expected)):
        fires = ", ".join(f"{limit:.10g}" for limit in sorted(limits)) or "no limit"
        warns = ", ".join(f"{limit:.10g}" for limit in expected)
        message = f"{alert.subject} fires at {fires}, but {budget.subject} warns at {warns}"
        yield alert.finding(f"{message}; use the same limits", "expr")
    if metric is not None:
        expression = promql.read(metric.value.expr).text
        if expression not in promql.read(alert.value.expr).text and not _uses_recording_rule(alert):
            message = f"{alert.subject} does not use the expression of {metric.subject}; copy it"
            yield alert.finding(message, "expr")


def _is_close(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=1e-6)


def _uses_recording_rule(alert: Entry) -> bool:
    """Whether the alert uses a recording rule, whose expression is not in the documents."""
    return any(":" in name for name in promql.read(alert.value.expr).metrics)
