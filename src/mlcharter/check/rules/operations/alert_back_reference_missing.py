"""An alert and its subject do not name each other.

An SLO that names an alert with another subject is not monitored. An alert that its SLO, budget or
slice does not name looks unused, and someone may delete it.

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered,
        total: asked}, timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    - {name: fast, service: watch, description: it answers soon, ratioMetric: {good: soon,
        total: asked}, timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: failed > 1, wait: 2m, severity: page,
        owner: "@acme/ops", runbook: "#burn"}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: spend, subject: budget/serving-month, expr: spent > 700, wait: 1h, severity: ticket,
        owner: "@acme/ops", runbook: "#budget"}
    - {id: spend-week, subject: budget/serving-month, expr: spent > 70, wait: 1h,
        severity: ticket, owner: "@acme/ops", runbook: "#budget"}
    ```

    --- cost/cost_dashboard_spec.md
    <!-- config: budgets -->
    ```yaml
    - {id: serving-month, metric: spend, amount: 1400, currency: EUR, period: month,
        owner: "@acme/ops", alert: spend, warn_at: [0.5, 1.0], hard: false}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered,
        total: asked}, timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: failed > 1, wait: 2m, severity: page,
        owner: "@acme/ops", runbook: "#burn"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry, Path
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    alerts = charter.named("alerts")
    named: dict[str, set[str | None]] = {}
    for entry, path, alert, subject in _find_alerts(charter):
        named.setdefault(subject, set()).add(alert)
        alert_subject = alerts[alert].value.subject if alert in alerts else subject
        if alert_subject != subject:
            message = (
                f"{entry.subject} names the alert `{alert}`, whose subject is `{alert_subject}`"
            )
            yield entry.finding(f"{message}; name one with the subject `{subject}`", *path)
    for part in charter.entries("slices"):  # one alert may cover several slices
        named[f"slice/{part.value.id}"] = {part.value.alert}
    for entry in charter.entries("alerts"):
        subject = entry.value.subject
        if subject in named and entry.value.id not in named[subject]:
            message = f"{entry.subject} has the subject `{subject}`, which does not name it"
            yield entry.finding(f"{message}; name it there or correct the subject", "subject")


def _find_alerts(charter: Charter) -> Iterator[tuple[Entry, Path, str, str]]:
    """Return the entry, path, id and required subject of each alert that is named."""
    for slo in charter.entries("slos"):
        for n, alert in enumerate(slo.value.alertPolicies):
            yield slo, ("alertPolicies", n), alert, f"slo/{slo.value.name}"
    for budget in charter.entries("budgets"):
        yield budget, ("alert",), budget.value.alert, f"budget/{budget.value.id}"
