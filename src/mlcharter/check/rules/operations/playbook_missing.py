"""An alert opens a playbook that the runbook does not have.

Whoever it wakes reads the page from the top, at three in the morning.

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
            message = f"{alert.subject} opens `{anchor}`, a heading that is not here; {remedy}"
            yield alert.finding(message, "runbook")
