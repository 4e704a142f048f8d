"""The runbook has no playbook for an alert.

An alert links to a heading of the runbook. If the heading is missing, the on-call engineer has to
search for the procedure.

Flagged:

    --- ops/runbook.md
    ## Alert: SLO burn

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: failed > 1, wait: 2m, severity: page,
        owner: "@acme/ops", runbook: "#alert-burn"}
    ```

Fine:

    --- ops/runbook.md
    ## Alert: SLO burn

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: failed > 1, wait: 2m, severity: page,
        owner: "@acme/ops", runbook: "#alert-slo-burn"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import nearest

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for alert in charter.entries("alerts"):
        anchor = alert.value.runbook
        anchors = {f"#{name}" for name in alert.document.anchors}
        if anchor not in anchors:
            near = nearest(anchor, sorted(anchors))
            remedy = f"did you mean `{near[0]}`?" if near else "write the playbook"
            message = f"{alert.subject} links to `{anchor}`, which is not a heading here; {remedy}"
            yield alert.finding(message, "runbook")
