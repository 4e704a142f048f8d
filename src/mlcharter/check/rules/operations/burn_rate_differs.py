"""A burn-rate alert does not match its SLO.

The limit of the alert is a burn rate times the error budget: `14.4 * 0.001` at a target of 0.999.
The alert must use the same metrics and labels as the SLO. If the target changes and the alert does
not, it pages too late or without cause. The window must be short enough to fire before the error
budget is spent. Alerts on recording rules (names with a colon) are not checked.

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered_total,
        total: asked_total}, timeWindow: 28d, budgetingMethod: Occurrences, target: 0.999,
        alertPolicies: [burn]}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready,
        expr: "1 - rate(answered_total[1h]) / rate(asked_total[1h]) > 14.4 * 0.01", wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered_total,
        total: asked_total}, timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready,
        expr: "1 - rate(served_total[1h]) / rate(asked_total[1h]) > 14.4 * 0.01", wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered_total,
        total: asked_total}, timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready,
        expr: "1 - rate(answered_total[6h]) / rate(asked_total[6h]) > 6 * 0.01
        and 1 - rate(answered_total[30m]) / rate(asked_total[30m]) > 14.4 * 0.01",
        wait: 2m, severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered_total,
        total: asked_total}, timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready,
        expr: "1 - rate(answered_total[1h]) / rate(asked_total[1h]) > 14.4 * 0.01
        and 1 - rate(answered_total[5m]) / rate(asked_total[5m]) > 14.4 * (1 - 0.99)",
        wait: 2m, severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```
"""

from collections.abc import Iterator
from math import isclose, prod

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.formats import promql
from mlcharter.formats.promql import Comparison, Query
from mlcharter.support.finding import Finding

LEVEL = "complete"
_USUAL = (14.4, 6.0, 3.0, 1.0)


def check(charter: Charter) -> Iterator[Finding]:
    slos = charter.named("slos")
    for alert in charter.entries("alerts"):
        what, _, name = alert.value.subject.partition("/")
        slo = slos.get(name) if what == "slo" else None
        query = promql.read(alert.value.expr)
        if slo is None or query.problem or any(":" in metric for metric in query.metrics):
            continue
        problem = _compare_metrics(query, slo) or _compare_burn_rates(query, slo)
        if problem:
            yield alert.finding(f"{alert.subject} {problem}", "expr")


def _compare_metrics(query: Query, slo: Entry) -> str | None:
    """Return which metric or label of the SLO the alert does not use; None if it uses all."""
    ratio = slo.value.ratioMetric
    for part in (promql.read(ratio.good), promql.read(ratio.total)):
        for metric in part.metrics:
            if metric not in query.metrics:
                return f"does not use `{metric}` as {slo.subject} does; use the same metrics"
        for label, value in sorted(part.labels - query.labels):
            return f'does not use `{label}="{value}"` as {slo.subject} does; use the same labels'
    return None


def _compare_burn_rates(query: Query, slo: Entry) -> str | None:
    """Return how the limits differ from burn rates of the SLO; None if they do not."""
    budget = 1 - slo.value.target
    target = f"the error budget of {slo.subject} is {budget:.6g}"
    groups: dict[int, list[float]] = {}
    for comparison in query.comparisons:
        burn = _find_burn_rate(comparison, budget)
        if burn is None:
            limit = f"compares with {comparison.limit:.6g}"
            return f"{limit}, but {target}; write `14.4 * {budget:.6g}`"
        if burn < 1:
            return f"fires at a burn rate of {burn:.3g}, within the error budget; use 1 or more"
        window = promql.to_seconds(slo.value.timeWindow)
        if not comparison.windows:
            return "has no window; use a rate over one, such as `[1h]`"
        if burn * max(comparison.windows) > window:
            return "has a window in which the error budget is spent before it fires; shorten it"
        groups.setdefault(comparison.group, []).append(burn)
    if not groups:
        return f"compares with no number, but {target}; write `> 14.4 * {budget:.6g}`"
    for burns in groups.values():
        if not isclose(min(burns), max(burns), rel_tol=1e-6):
            return f"joins burn rates of {burns[0]:.3g} and {burns[1]:.3g} with `and`; use one"
    return None


def _find_burn_rate(comparison: Comparison, budget: float) -> float | None:
    """Return the burn rate of a limit; None if it is not a usual one of this budget."""
    for n, factor in enumerate(comparison.factors):
        if isclose(factor, budget, rel_tol=1e-6):
            return prod(comparison.factors[:n] + comparison.factors[n + 1 :])
    burn = comparison.limit / budget
    return next((usual for usual in _USUAL if isclose(burn, usual, rel_tol=1e-6)), None)
