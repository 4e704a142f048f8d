"""An alert opens a playbook that the runbook does not have.

Whoever it wakes reads the page from the top, at three in the morning.

Flagged:

    --- ops/runbook.md
    ## Alert: SLO burn

    <!-- contract: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: failed > 1, wait: 2m, severity: page,
        owner: "@acme/ops", runbook: "#alert-burn"}
    ```

Fine:

    --- ops/runbook.md
    ## Alert: SLO burn

    <!-- contract: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: failed > 1, wait: 2m, severity: page,
        owner: "@acme/ops", runbook: "#alert-slo-burn"}
    ```
"""

import difflib
from collections.abc import Iterator

from mlcharter.charter import Charter
from mlcharter.finding import Finding

LEVEL = "review"
_LONG, _MANY = 100, 200  # comparing names costs the product of their lengths


def check(charter: Charter) -> Iterator[Finding]:
    for alert in charter.entries("alerts"):
        anchor = alert.value.runbook
        anchors = {f"#{name}" for name in alert.document.anchors}
        if anchor not in anchors:
            short = sorted(name for name in anchors if len(name) < _LONG)[:_MANY]
            near = difflib.get_close_matches(anchor[:_LONG], short, n=1)
            remedy = f"did you mean `{near[0]}`?" if near else "write the playbook"
            message = f"{alert.subject} opens `{anchor}`, a heading that is not here; {remedy}"
            yield alert.finding(message, "runbook")
