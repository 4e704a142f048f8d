"""The subject of an alert is not defined.

The on-call engineer needs the SLO, budget, slice, vendor or risk that the alert is about.

Flagged:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: spend, subject: budget/serving, expr: spent > 700, wait: 1h, severity: ticket,
        owner: "@acme/ops", runbook: "#budget"}
    ```

    --- cost/cost_dashboard_spec.md
    <!-- config: budgets -->
    ```yaml
    - {id: serving-month, metric: spend, amount: 1400, currency: EUR, period: month,
        owner: "@acme/ops", alert: spend, warn_at: [0.5, 1.0], hard: false}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: spend, subject: budget/serving-month, expr: spent > 700, wait: 1h, severity: ticket,
        owner: "@acme/ops", runbook: "#budget"}
    - {id: scores, subject: drift/scores, expr: psi > 0.2, wait: 1d, severity: ticket,
        owner: "@acme/ops", runbook: "#drift"}
    ```

    --- cost/cost_dashboard_spec.md
    <!-- config: budgets -->
    ```yaml
    - {id: serving-month, metric: spend, amount: 1400, currency: EUR, period: month,
        owner: "@acme/ops", alert: spend, warn_at: [0.5, 1.0], hard: false}
    ```
"""

from collections.abc import Container, Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
_KINDS = {
    "slo": "slos",
    "budget": "budgets",
    "slice": "slices",
    "vendor": "vendors",
    "risk": "risks",
    "probe": "slos",
}  # `drift` has no config block


def check(charter: Charter) -> Iterator[Finding]:
    for alert in charter.entries("alerts"):
        what, _, name = alert.value.subject.partition("/")
        kind = _KINDS.get(what)
        if kind and charter.settled(kind) and name not in _list_names(charter, what, kind):
            message = f"{alert.subject} has the subject `{what}/{name}`, which is not defined in"
            yield alert.finding(f"{message} `{kind}`; define it or correct the subject", "subject")


def _list_names(charter: Charter, what: str, kind: str) -> Container[str]:
    if what == "probe":  # its name is that of a service
        return {slo.value.service for slo in charter.entries(kind)}
    return charter.named(kind)
