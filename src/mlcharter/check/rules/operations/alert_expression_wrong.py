"""An alert about an SLO or a budget has its own expression, or another alert has none.

`mlcharter export prometheus` derives the alerts of SLOs and budgets from `slos` and `budgets`. A
second expression keeps the numbers of an old target or amount, and pages a second time. An alert
about anything else is not derived, and needs `expr`, `wait` and `severity`.

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

Fine:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: ready-burn, subject: slo/ready, owner: "@acme/ops", runbook: "#burn"}
    - {id: breaker-open, subject: drift/backend, expr: breaker_state > 0, wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#modes"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config.operations.alerts import DERIVED
from mlcharter.support.finding import Finding

LEVEL = "complete"
_KEYS = ("expr", "wait", "severity")


def check(charter: Charter) -> Iterator[Finding]:
    for alert in charter.entries("alerts"):
        given = [key for key in _KEYS if getattr(alert.value, key) is not None]
        missing = [f"`{key}`" for key in _KEYS if key not in given]
        if alert.value.subject.startswith(DERIVED):
            if given:
                message = f"{alert.subject} has `{given[0]}`, but its alerts are derived"
                mend = "delete `expr`, `wait` and `severity`, or give it another subject"
                yield alert.finding(f"{message} by `mlcharter export`; {mend}", given[0])
        elif missing:
            message = f"{alert.subject} has no {' and no '.join(missing)}, and is not derived"
            yield alert.finding(f"{message}; add what is missing", "subject")
