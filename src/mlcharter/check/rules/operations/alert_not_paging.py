"""An alert that rolls back, cuts over or stops a launch is not a page.

Such an alert changes what users get. The on-call engineer must look at once, so its severity is
`page`, not `ticket`. A rollout that is `automatic` needs nobody at once.

Flagged:

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 10, bake: 4h, abort_alert: ready-burn}
      - {weight: 100, bake: 1d, abort_alert: ready-burn}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: ready-burn, subject: slo/ready, expr: failed > 1, wait: 2m, severity: ticket,
        owner: "@acme/ops", runbook: "#burn"}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 5, bake: 4h, abort_alert: scores}
      - {weight: 100, bake: 4h, abort_alert: scores}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: scores, subject: drift/score, owner: "@acme/ops", runbook: "#drift"}
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

Fine:

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 10, bake: 4h, abort_alert: ready-burn}
      - {weight: 100, bake: 1d, abort_alert: ready-burn}
    automatic: true
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: ready-burn, subject: slo/ready, expr: failed > 1, wait: 2m, severity: ticket,
        owner: "@acme/ops", runbook: "#burn"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.alert_sources import TICKETS
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
MEND = "make it a page, or set `automatic: true` in `{}` if it is rolled back without a person"


def check(charter: Charter) -> Iterator[Finding]:
    actions = {
        step.abort_alert: (f"rolls back a release in `{kind}`", MEND.format(kind))
        for kind in ("canary", "rl_rollout")
        for rollout in charter.entries(kind)
        if not rollout.value.automatic
        for step in rollout.value.steps
    }
    for decision in charter.entries("decision"):
        for kill in decision.value.kill:
            actions.setdefault(kill.alert, ("stops the launch in `decision`", "make it a page"))
    for vendor in charter.entries("vendors"):
        actions.setdefault(
            vendor.value.cut_over.alert, (f"cuts over {vendor.subject}", "make it a page")
        )
    for alert in charter.entries("alerts"):
        if alert.value.id not in actions:
            continue
        action, mend = actions[alert.value.id]
        message = f"{alert.subject} {action}, but is a ticket"
        if alert.value.severity == "ticket":
            yield alert.finding(f"{message}; {mend}", "severity")
        elif alert.value.expr is None and alert.value.subject.startswith(TICKETS):
            mend = "give it an `expr`, a `wait` and `severity: page`"
            yield alert.finding(f"{message}, as it is derived; {mend}", "subject")
