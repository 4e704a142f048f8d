"""A budget has wrong shares, or its metric is in another currency or over another period.

`mlcharter export prometheus` derives an alert for each share of `warn_at`: the shares ascend, and
the last one is 1.0. The metric is the expression that these alerts compare with the amount.

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

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: unit_metrics -->
    ```yaml
    - {id: spend, expr: "sum(increase(cost_total[30d]))", unit: EUR, otel: null, focus: []}
    ```

    <!-- config: budgets -->
    ```yaml
    - {id: serving-month, metric: spending, amount: 1400, currency: EUR, period: month,
        owner: "@acme/ops", alert: spend, warn_at: [0.5, 0.8], hard: false}
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
"""

import re
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"
_CURRENCY = re.compile(r"[A-Z]{3}\b")
_DAYS = {"day": (1, 1), "week": (7, 7), "month": (28, 31), "quarter": (89, 92), "year": (365, 366)}


def check(charter: Charter) -> Iterator[Finding]:
    metrics = charter.named("unit_metrics")
    for budget in charter.entries("budgets"):
        yield from _check_shares(budget)
        metric = metrics.get(budget.value.metric)
        if metric is not None:
            yield from _check_metric(budget, metric)
        elif charter.settled("unit_metrics"):
            message = f"{budget.subject} has the metric `{budget.value.metric}`"
            why = "which is not defined in `unit_metrics`; define it or correct the id"
            yield budget.finding(f"{message}, {why}", "metric")


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
