"""A vendor's ceiling is above every budget.

The ceiling is the spend at which traffic moves to the fallback. If it is above the budget, the
money is spent before that happens. A ceiling is compared with the budgets of the same currency and
period.

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: vendors -->
    ```yaml
    - {id: north, role: generation, fallback: abstain, ceiling: 900, currency: EUR,
        period: month, requests_per_minute: 60, tokens_per_minute: null,
        cut_over: {alert: north-down, after_failures: 3}, evidence: reports/a.log}
    ```

    <!-- config: budgets -->
    ```yaml
    - {id: answers-month, metric: spend, amount: 800, currency: EUR, period: month,
        owner: "@acme/ops", alert: spend, warn_at: [0.5, 1.0], hard: false}
    ```

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: vendors -->
    ```yaml
    - {id: north, role: generation, fallback: abstain, ceiling: 900, currency: USD,
        period: month, requests_per_minute: 60, tokens_per_minute: null,
        cut_over: {alert: north-down, after_failures: 3}, evidence: reports/a.log}
    ```

    <!-- config: budgets -->
    ```yaml
    - {id: answers-month, metric: spend, amount: 1800, currency: EUR, period: month,
        owner: "@acme/ops", alert: spend, warn_at: [0.5, 1.0], hard: false}
    ```

Fine:

    --- cost/cost_dashboard_spec.md
    <!-- config: vendors -->
    ```yaml
    - {id: north, role: generation, fallback: abstain, ceiling: 900, currency: EUR,
        period: month, requests_per_minute: 60, tokens_per_minute: null,
        cut_over: {alert: north-down, after_failures: 3}, evidence: reports/a.log}
    ```

    <!-- config: budgets -->
    ```yaml
    - {id: answers-month, metric: spend, amount: 1800, currency: EUR, period: month,
        owner: "@acme/ops", alert: spend, warn_at: [0.5, 1.0], hard: false}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.settled("budgets"):
        return
    budgets = [entry.value for entry in charter.entries("budgets")]
    for vendor in charter.entries("vendors"):
        value = vendor.value
        limits = [
            budget.amount
            for budget in budgets
            if (budget.currency, budget.period) == (value.currency, value.period)
        ]
        spend = f"{value.ceiling:g} {value.currency} a {value.period}"
        if not limits:
            message = f"{vendor.subject} may cost {spend}, but no budget is in {value.currency}"
            yield vendor.finding(f"{message} a {value.period}; add one", "currency")
        elif max(limits) < value.ceiling:
            message = (
                f"{vendor.subject} may cost {spend}, but the largest budget is {max(limits):g}"
            )
            yield vendor.finding(f"{message}; lower the ceiling or raise a budget", "ceiling")
