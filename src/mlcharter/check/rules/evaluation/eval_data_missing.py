"""The registered eval does not name a dataset that its gates use.

Whoever repeats the evaluation from the registry would use other data.

Flagged:

    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: auc, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.9,
        bound: lower95, min_n: 40, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: MIT, card: null, datasets: [],
        embedder: null, stage: released, owner: "@acme/ml"}
    ```

Fine:

    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: auc, metric: auc, dataset: d, slice: all, op: ">=", threshold: 0.9, bound: lower95,
        min_n: 40, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: MIT, card: null, datasets: [
        "dataset/d@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892"],
        embedder: null, stage: released, owner: "@acme/ml"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter import release_record
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    evals = [
        entry
        for entry in charter.entries("registry")
        if entry.value.kind == "eval" and entry.value.stage == "released"
    ]
    if not evals or not charter.settled("registry", "gates"):
        return
    named = {release_record.name(ref) for entry in evals for ref in entry.value.datasets}
    gated = {gate.value.dataset: gate for gate in charter.entries("gates")}
    for dataset, gate in sorted(gated.items()):
        if dataset not in named:
            message = f"`registry`: no released eval names the dataset `{dataset}`, which"
            yield evals[0].finding(f"{message} {gate.subject} uses; add it", "datasets")
