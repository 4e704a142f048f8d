"""A gate cannot fail, or another gate already decides the same number.

A ratio is never below 0, so a threshold of 0 or less always passes; often `against` is missing.
Of two gates on one number, only the stricter one decides.

Flagged:

    <!-- config: gates -->
    ```yaml
    - {id: not-worse, metric: auc, dataset: cards, slice: all, op: ">=", threshold: -0.01,
        bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: no worse}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row, produced_by: e.py}
    ```

Flagged:

    <!-- config: gates -->
    ```yaml
    - {id: good, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.9,
        bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: good}
    - {id: good-enough, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.8,
        bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: enough}
    ```

Fine:

    <!-- config: gates -->
    ```yaml
    - {id: not-worse, metric: auc, dataset: cards, slice: all, against: logistic, op: ">=",
        threshold: -0.01, bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09,
        rationale: no worse than the cheapest}
    - {id: good, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.9,
        bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: good}
    - {id: very-good, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.95,
        bound: lower95, min_n: 200, on_fail: warn, decided_on: 2026-11-09, rationale: very good}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row, produced_by: e.py}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    metrics = charter.named("metrics")
    seen: dict[tuple[str | None, ...], str] = {}
    for entry in charter.entries("gates"):
        gate = entry.value
        metric = metrics.get(gate.metric)
        same = gate.metric, gate.dataset, gate.slice, gate.against, gate.op[0], gate.on_fail
        is_bounded = metric is not None and metric.value.unit == "ratio" and gate.against is None
        if is_bounded and gate.op[0] == ">" and gate.threshold <= 0:
            message = f"{entry.subject} always passes, since `{gate.metric}` is a ratio"
            remedy = "raise it, or name the baseline model in `against`"
            yield entry.finding(f"{message}; {remedy}", "threshold")
        elif same in seen:
            message = f"{entry.subject} checks the same number as `{seen[same]}`"
            yield entry.finding(f"{message}; keep the stricter one", "metric")
        seen.setdefault(same, gate.id)
