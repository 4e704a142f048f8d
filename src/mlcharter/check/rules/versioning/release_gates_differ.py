"""The gates of the release are not the gates that block, or were chosen after it was approved.

A gate that the release does not list was not asked, and one that it lists and that is gone was
asked for nothing.

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
    known = charter.named("gates")
    for release in charter.entries("joint_release"):
        asked = release.value.gates
        for gate in charter.entries("gates"):
            if gate.value.on_fail == "block" and gate.value.id not in asked:
                message = f"{gate.subject} blocks, and `joint_release` does not list it"
                yield release.finding(f"{message}; let the release pass it, and add it", "gates")
            if gate.value.decided_on > release.value.approved_on:
                message = f"{gate.subject} was decided on {gate.value.decided_on}, after"
                why = "`joint_release` was approved; approve it again, or correct a day"
                yield release.finding(f"{message} {why}", "approved_on")
        for n, id in enumerate(asked):
            if id not in known:
                message = f"`joint_release` lists a gate `{id}` that is not in `gates`"
                yield release.finding(f"{message}; correct the id, or remove it", "gates", n)
