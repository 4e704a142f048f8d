"""A config block names an alert that is not defined.

A canary with a misspelt alert is never rolled back, and a budget with one is exceeded without
notice.

Flagged:

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 10, bake: 4h, abort_alert: ready-burn}
      - {weight: 100, bake: 1d, abort_alert: readyburn}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: ready-burn, subject: slo/ready, expr: failed > 1, wait: 2m, severity: page,
        owner: "@acme/ops", runbook: "#burn"}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 10, bake: 4h, abort_alert: ready-burn}
      - {weight: 100, bake: 1d, abort_alert: ready-burn}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: ready-burn, subject: slo/ready, expr: failed > 1, wait: 2m, severity: page,
        owner: "@acme/ops", runbook: "#burn"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry, Path
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.settled("alerts"):
        return
    alerts = charter.named("alerts")
    for entry, path, alert in _find_alerts(charter):
        if alert not in alerts:
            message = f"{entry.subject} names the alert `{alert}`, which is not defined in `alerts`"
            yield entry.finding(f"{message}; define it or correct the id", *path)


def _find_alerts(charter: Charter) -> Iterator[tuple[Entry, Path, str]]:
    """Return each alert that a config block names, with its entry and path."""
    for slo in charter.entries("slos"):
        for n, alert in enumerate(slo.value.alertPolicies):
            yield slo, ("alertPolicies", n), alert
    for kind in ("canary", "rl_rollout"):
        for rollout in charter.entries(kind):
            for n, step in enumerate(rollout.value.steps):
                yield rollout, ("steps", n, "abort_alert"), step.abort_alert
    for kind in ("degrade_modes", "budgets"):
        for entry in charter.entries(kind):
            yield entry, ("alert",), entry.value.alert
    for vendor in charter.entries("vendors"):
        yield vendor, ("cut_over", "alert"), vendor.value.cut_over.alert
