"""An alert about an SLO, a budget or a probe has its own expression, or another alert has none.

`mlcharter export prometheus` derives the alerts of SLOs, budgets and probes. A second expression
keeps the numbers of an old target or amount, and pages a second time. Those of slices, drift,
vendors and policies are derived from gates, quotas and `rl_rollout` if they have no expression.
An alert that cannot be derived needs `expr`, `wait` and `severity`.

Flagged:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: ready-burn, subject: slo/ready, expr: failed > 1, owner: "@acme/ops",
        runbook: "#burn"}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: spend, subject: budget/serving-month, severity: ticket, owner: "@acme/ops",
        runbook: "#budget"}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: breaker-open, subject: drift/backend, severity: page, owner: "@acme/ops",
        runbook: "#modes"}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: answers-worse, subject: slice/night, owner: "@acme/ops", runbook: "#slice"}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: ready-burn, subject: slo/ready, owner: "@acme/ops", runbook: "#burn"}
    - {id: scores, subject: drift/score, owner: "@acme/ops", runbook: "#drift"}
    - {id: breaker-open, subject: drift/backend, expr: breaker_state > 0, wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#modes"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.alert_sources import ALWAYS, KEYS, find_missing_source
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for alert in charter.entries("alerts"):
        given = [key for key in KEYS if getattr(alert.value, key) is not None]
        missing = [f"`{key}`" for key in KEYS if key not in given]
        if alert.value.subject.startswith(ALWAYS):
            if given:
                message = f"{alert.subject} has `{given[0]}`, but its alerts are derived"
                mend = "delete `expr`, `wait` and `severity`, or give it another subject"
                yield alert.finding(f"{message} by `mlcharter export`; {mend}", given[0])
        elif given and missing:
            message = f"{alert.subject} has no {' and no '.join(missing)}"
            mend = f"add what is missing, or delete `{given[0]}` so that it is derived"
            yield alert.finding(f"{message}; {mend}", "subject")
        elif missing and (reason := find_missing_source(charter, alert)):
            message = f"{alert.subject} has no expression and is not derived: {reason}"
            yield alert.finding(f"{message}; add `expr`, `wait` and `severity`", "subject")
