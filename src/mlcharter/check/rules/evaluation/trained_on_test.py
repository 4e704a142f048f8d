"""A model was trained on the rows that evaluate it.

The registry names the training data of each model. If that dataset also decides a gate, or is the
golden set, it must be split; otherwise the gate measures memorisation. Exact counts, such as
duplicates, are exempt.

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
_TRAINED = frozenset(("model", "reranker", "policy"))


def check(charter: Charter) -> Iterator[Finding]:
    exact = {m.value.id for m in charter.entries("metrics") if m.value.method == "exact"}
    gates = [gate.value for gate in charter.entries("gates")]
    evaluated = {gate.dataset for gate in gates if gate.metric not in exact}
    golden = charter.entry("golden")
    models: dict[str, str] = {}  # by the digest of their training data
    for entry in charter.entries("registry"):
        for ref in entry.value.datasets if entry.value.kind in _TRAINED else ():
            models.setdefault(ref[-64:], entry.value.ref.partition("@")[0])
    for entry in charter.entries("datasets"):
        data = entry.value
        if data.split.kind != "none" or data.sha256 not in models:
            continue
        is_golden = golden is not None and golden.value.sha256 == data.sha256
        if is_golden or data.id in evaluated:
            message = f"`{models[data.sha256]}` was trained on {entry.subject}, which also"
            remedy = "split it, or evaluate on other rows"
            yield entry.finding(f"{message} evaluates and is not split; {remedy}", "split", "kind")
