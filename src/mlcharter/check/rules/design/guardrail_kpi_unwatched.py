"""No gate, alert or experiment watches a guardrail KPI.

A guardrail KPI must not get worse, so something has to detect it when it does.

Flagged:

    <!-- config: kpis -->
    ```yaml
    - id: approved-share
      role: guardrail
      parent: lost-to-fraud
      unit: ratio
      direction: up
      baseline: 0.81
      source: dashboards/approvals
      owner: "@fraud-ml"
    ```

Fine:

    <!-- config: kpis -->
    ```yaml
    - id: approved-share
      role: guardrail
      parent: lost-to-fraud
      unit: ratio
      direction: up
      baseline: 0.81
      source: dashboards/approvals
      owner: "@fraud-ml"
    ```

    <!-- config: alerts -->
    ```yaml
    - id: approvals-fall
      subject: drift/approved-share
      expr: approved_ratio < 0.7
      wait: 1h
      severity: page
      owner: "@fraud-ml"
      runbook: "#alert-drift"
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.settled("alerts", "gates", "experiment"):
        return
    watched = {alert.value.subject.partition("/")[2] for alert in charter.entries("alerts")}
    watched |= {gate.value.metric for gate in charter.entries("gates")}
    experiment = charter.entry("experiment")
    if experiment is not None:
        watched |= set(experiment.value.guardrails)
    for entry in charter.entries("kpis"):
        if entry.value.role == "guardrail" and entry.value.id not in watched:
            message = f"{entry.subject} is a guardrail that nothing watches"
            remedy = "name it in a gate, in an alert's subject or in the experiment's `guardrails`"
            yield entry.finding(f"{message}; {remedy}", "role")
