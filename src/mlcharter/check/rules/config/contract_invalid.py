"""A contract does not fit its model: an unknown key, a wrong type, a number out of range.

CI reads the block. What it cannot read, it cannot hold anyone to.
Values that are still empty are left to contract-unfilled.

Flagged:

    <!-- contract: kpis -->
    ```yaml
    - id: approved-share
      role: north-star
      parent: null
      unit: ratio
      directon: up
      baseline: 0.81
      source: dashboards/approvals
      owner: "@fraud-ml"
    ```

Fine:

    <!-- contract: kpis -->
    ```yaml
    - id: approved-share
      role: north-star
      parent: null
      unit: ratio
      direction: up
      baseline: 0.81
      source: dashboards/approvals
      owner: "@fraud-ml"
    ```
"""

from collections.abc import Iterator

from mlcharter.charter import contracting
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import nearest

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for contract, read in charter.readings:
        yield from read.wrong
        if contract.kind not in contracting.kinds():
            near = nearest(contract.kind, contracting.kinds())
            remedy = f"did you mean `{near[0]}`?" if near else "remove the marker"
            message = f"there is no contract `{contract.kind}`; {remedy}"
            yield contract.document.finding(contract.line, message)
