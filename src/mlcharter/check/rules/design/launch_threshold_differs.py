"""A success criterion of the launch does not match any blocking gate.

With two thresholds for one metric, it is unclear which one decides.

Flagged:

    <!-- config: decision -->
    ```yaml
    success: [{metric: auc, op: ">=", threshold: 0.9, bound: lower95}]
    kill: [{when: nobody uses it, alert: null, by: 2027-06-30}]
    steps: [shadow, canary, full]
    adr: docs/adr/order-only.md
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row, produced_by: e.py}
    ```

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
      dataset: cards
      slice: all
      op: ">="
      threshold: 0.95
      bound: lower95
      min_n: 200
      on_fail: block
      decided_on: 2026-11-09
      rationale: below this the review queue doubles
    ```

Fine:

    <!-- config: decision -->
    ```yaml
    success: [{metric: auc, op: ">=", threshold: 0.95, bound: lower95}]
    kill: [{when: nobody uses it, alert: null, by: 2027-06-30}]
    steps: [shadow, canary, full]
    adr: docs/adr/order-only.md
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row, produced_by: e.py}
    ```

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
      dataset: cards
      slice: all
      op: ">="
      threshold: 0.95
      bound: lower95
      min_n: 200
      on_fail: block
      decided_on: 2026-11-09
      rationale: below this the review queue doubles
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("decision")
    if entry is None or not charter.settled("metrics", "gates"):
        return
    metrics = charter.named("metrics")
    gates = [gate.value for gate in charter.entries("gates")]
    for n, success in enumerate(entry.value.success):
        if success.metric not in metrics:
            continue
        same = [gate for gate in gates if gate.metric == success.metric]
        limit = f"{success.op} {success.threshold:g} on {success.bound}"
        if not any(
            (gate.op, gate.threshold, gate.bound, gate.on_fail)
            == (success.op, success.threshold, success.bound, "block")
            for gate in same
        ):
            gated = ", ".join(f"`{gate.id}` {gate.op} {gate.threshold:g}" for gate in same)
            message = (
                f"success requires `{success.metric}` {limit}, but no blocking gate requires it"
            )
            remedy = f"its gates are {gated}; make them match" if same else "add the gate"
            yield entry.finding(f"{message}; {remedy}", "success", n, "threshold")
