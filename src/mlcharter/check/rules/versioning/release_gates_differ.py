"""The gates of the release are not the blocking gates, or were set after its approval.

A blocking gate that the release does not list was not part of its approval. A listed gate that is
no longer defined checks nothing.

Flagged:

    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: auc, metric: auc, dataset: d, slice: all, op: ">=", threshold: 0.9, bound: lower95,
        min_n: 40, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    - {id: brier, metric: brier, dataset: d, slice: all, op: "<=", threshold: 0.1,
        bound: upper95, min_n: 40, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    --- versioning/registries.md
    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: release-1
    required: [model]
    members: [model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37]
    gates: [auc]
    approved_by: ["@acme/board"]
    approved_on: 2026-11-23
    ```

Fine:

    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: auc, metric: auc, dataset: d, slice: all, op: ">=", threshold: 0.9, bound: lower95,
        min_n: 40, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    - {id: brier, metric: brier, dataset: d, slice: all, op: "<=", threshold: 0.1,
        bound: upper95, min_n: 40, on_fail: warn, decided_on: 2026-11-09, rationale: agreed}
    ```

    --- versioning/registries.md
    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: release-1
    required: [model]
    members: [model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37]
    gates: [auc]
    approved_by: ["@acme/board"]
    approved_on: 2026-11-23
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.settled("gates"):
        return
    defined = charter.named("gates")
    for release in charter.entries("joint_release"):
        listed = release.value.gates
        for gate in charter.entries("gates"):
            if gate.value.on_fail == "block" and gate.value.id not in listed:
                message = f"{gate.subject} blocks a merge, but `joint_release` does not list it"
                yield release.finding(f"{message}; run it for the release and add it", "gates")
            decided = gate.value.decided_on
            if decided is not None and decided > release.value.approved_on:
                message = f"{gate.subject} was decided on {decided}, after"
                why = "`joint_release` was approved; approve it again or correct a date"
                yield release.finding(f"{message} {why}", "approved_on")
        for n, id in enumerate(listed):
            if id not in defined:
                message = f"`joint_release` lists the gate `{id}`, which is not defined in `gates`"
                yield release.finding(f"{message}; correct the id or remove it", "gates", n)
