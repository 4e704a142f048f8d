"""An alert waits for longer than it looks back, or pages after more than an hour.

What is over before `wait` has passed is never seen, and what pages can wait no hour.

Flagged:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: "rate(failed_total[5m]) > 1", wait: 2h,
        severity: ticket, owner: "@acme/ops", runbook: "#burn"}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: "failed > 1", wait: 2h, severity: page,
        owner: "@acme/ops", runbook: "#burn"}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: "rate(failed_total[1h]) > 1", wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for alert in charter.entries("alerts"):
        wait = promql.seconds(alert.value.wait)
        windows = promql.read(alert.value.expr).windows
        if windows and wait > max(windows):
            message = f"{alert.subject} waits {alert.value.wait}, longer than it looks back"
            yield alert.finding(f"{message}; wait less", "wait")
        elif alert.value.severity == "page" and wait > 3600:
            message = f"{alert.subject} pages after {alert.value.wait}"
            yield alert.finding(f"{message}; wait an hour at most, or make it a ticket", "wait")
