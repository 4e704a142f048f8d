"""The threshold of a gate is only a proposal.

A proposal comes from what baseline models reach. What the system must reach follows from what its
errors cost, and a person says that.

Flagged:

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
      dataset: loans
      slice: loans-test
      op: ">="
      threshold: 0.71
      bound: lower95
      min_n: 200
      on_fail: warn
      decided_on: null
      rationale: the best single column has 0.71
    ```

Fine:

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
      dataset: loans
      slice: loans-test
      op: ">="
      threshold: 0.78
      bound: lower95
      min_n: 200
      on_fail: block
      decided_on: 2026-11-28
      rationale: below this, manual review is cheaper
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for gate in charter.entries("gates"):
        if gate.value.decided_on is None:
            message = f"the threshold of {gate.subject} is only proposed; decide on it, and write"
            yield gate.finding(f"{message} the day into `decided_on`", "decided_on")
