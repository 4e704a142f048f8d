"""Something was fitted on the rows that judge it.

The registry names what each model learned from. Where those rows also decide a gate, or are the
golden questions, they must be split; else memory is measured. What is counted exactly, such as
duplicates, is no question of memory.

Flagged:

    <!-- config: datasets -->
    ```yaml
    - id: cards
      uri: generated:cards
      sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
      rows: 900
      licence: CC0-1.0
      card: docs/cards/data.md
      split: {kind: none, key: null, sha256: null}
      synthetic: 1.0
    ```

    <!-- config: gates -->
    ```yaml
    - {id: auc, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.8, bound: lower95,
        min_n: 100, on_fail: block, decided_on: 2026-11-09, rationale: less is no use}
    ```

    <!-- config: registry -->
    ```yaml
    - ref: model/small@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37
      kind: model
      path: null
      format: json
      licence: MIT
      card: null
      datasets:
        - dataset/cards@sha256:3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
      embedder: null
      stage: released
      owner: "@acme/fraud"
    ```

Fine:

    <!-- config: datasets -->
    ```yaml
    - id: cards
      uri: generated:cards
      sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
      rows: 900
      licence: CC0-1.0
      card: docs/cards/data.md
      split: {kind: time, key: day, sha256: null}
      synthetic: 1.0
    ```

    <!-- config: gates -->
    ```yaml
    - {id: auc, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.8, bound: lower95,
        min_n: 100, on_fail: block, decided_on: 2026-11-09, rationale: less is no use}
    ```

    <!-- config: registry -->
    ```yaml
    - ref: model/small@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37
      kind: model
      path: null
      format: json
      licence: MIT
      card: null
      datasets:
        - dataset/cards@sha256:3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
      embedder: null
      stage: released
      owner: "@acme/fraud"
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
_FITTED = frozenset(("model", "reranker", "policy"))


def check(charter: Charter) -> Iterator[Finding]:
    counted = {m.value.id for m in charter.entries("metrics") if m.value.method == "exact"}
    gates = [gate.value for gate in charter.entries("gates")]
    judging = {gate.dataset for gate in gates if gate.metric not in counted}
    golden = charter.entry("golden")
    learned: dict[str, str] = {}
    for entry in charter.entries("registry"):
        for ref in entry.value.datasets if entry.value.kind in _FITTED else ():
            learned.setdefault(ref[-64:], entry.value.ref.partition("@")[0])
    for entry in charter.entries("datasets"):
        data = entry.value
        known = golden is not None and golden.value.sha256 == data.sha256
        if data.split.kind == "none" and (known or data.id in judging) and data.sha256 in learned:
            message = f"`{learned[data.sha256]}` learned from {entry.subject}, which also judges"
            remedy = "split it, or judge on other rows"
            yield entry.finding(f"{message} and is not split; {remedy}", "split", "kind")
