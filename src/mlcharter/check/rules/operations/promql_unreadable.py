"""An expression is not valid PromQL, or an alert has no condition.

Prometheus does not load a rule file with one invalid expression, so every alert in it is lost. An
alert without a condition fires as long as its series exist.

Flagged:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: "sum(rate(failed_total[5m]) > 1", wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: "sum(rate(failed_total[5m]))", wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: "sum(rate(failed_total[5m])) > 1", wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.promql_entries import expressions
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for entry, path, expression in expressions(charter):
        query = promql.read(expression)
        if query.problem:
            message = f"the PromQL of {entry.subject} {query.problem}; correct it"
            yield entry.finding(message, *path)
        elif not query.metrics and not query.labels:
            message = f"the PromQL of {entry.subject} names no metric; add one"
            yield entry.finding(message, *path)
        elif entry.config.kind == "alerts" and not query.condition:
            message = f"the PromQL of {entry.subject} has no condition"
            yield entry.finding(f"{message}; compare it with a limit", *path)
