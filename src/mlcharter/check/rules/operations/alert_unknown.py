"""Something relies on an alert that nobody defined.

A canary that waits for a misspelt alert is never taken back, and a budget that nobody watches is
spent in silence.

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
    for entry, path, alert in _relied_on(charter):
        if alert not in alerts:
            message = f"{entry.subject} relies on an alert `{alert}` that is not in `alerts`"
            yield entry.finding(f"{message}; define it, or correct the id", *path)


def _relied_on(charter: Charter) -> Iterator[tuple[Entry, Path, str]]:
    """Each alert that a config block names, and where it names it."""
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
