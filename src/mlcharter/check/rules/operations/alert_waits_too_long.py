"""An alert waits longer than its query window, or a page waits more than an hour.

A problem that ends before `wait` has passed never fires the alert. A page is urgent, so it must
fire within an hour.

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
        if alert.value.expr is None or alert.value.wait is None:
            continue
        wait = promql.to_seconds(alert.value.wait)
        windows = promql.read(alert.value.expr).windows
        if windows and wait > max(windows):
            message = f"{alert.subject} waits {alert.value.wait}, longer than its query window"
            yield alert.finding(f"{message}; shorten `wait`", "wait")
        elif alert.value.severity == "page" and wait > 3600:
            message = f"{alert.subject} is a page but waits {alert.value.wait}"
            yield alert.finding(f"{message}; wait at most 1h or make it a ticket", "wait")
