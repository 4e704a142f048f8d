"""A gate cannot pass: it has too few cases, or no bound ever reaches its threshold.

Of 40 hits in 40 cases, Wilson's `lower95` is 0.912, so a threshold of 0.93 fails every system.
`check` takes the n of the report; without one, `min_n`, which should not allow fewer cases than
the threshold needs. `mlcharter gate --explain` says which true value passes with 80 % probability,
and how many cases a system needs.

Flagged:

    <!-- config: gates -->
    ```yaml
    - {id: recall-cats, metric: recall, dataset: pets, slice: cats, op: ">=", threshold: 0.93,
        bound: lower95, min_n: 40, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: recall, unit: ratio, direction: up, method: wilson, resample: row, produced_by: e.py}
    ```

Flagged:

    <!-- config: gates -->
    ```yaml
    - {id: recall-cats, metric: recall, dataset: pets, slice: cats, op: ">=", threshold: 0.99,
        bound: lower95, min_n: 100, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: recall, unit: ratio, direction: up, method: wilson, resample: row, produced_by: e.py}
    ```
    --- reports/released/2026-11-applied.json
    {"version": 1, "track": "applied", "artifacts": [],
     "run": {"command": "make eval", "commit": null, "dirty": null, "seed": 7,
      "started_at": "2026-11-23T02:24:20+00:00", "cpu_seconds": 1, "python": "3.11.7",
      "packages": {}},
     "datasets": [{"id": "pets", "rows": 900,
      "sha256": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"}],
     "results": [{"metric": "recall", "dataset": "pets", "slice": "cats", "value": 0.995,
      "n": 200, "against": null, "interval": {"lower": 0.972226, "upper": 0.999117, "level": 0.95,
      "method": "wilson", "unit": "row"}}]}

Flagged:

    <!-- config: gates -->
    ```yaml
    - {id: recall-cats, metric: recall, dataset: pets, slice: cats, op: ">=", threshold: 1.0,
        bound: lower95, min_n: 500, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: recall, unit: ratio, direction: up, method: wilson, resample: row, produced_by: e.py}
    ```

Flagged:

    <!-- config: gates -->
    ```yaml
    - {id: refused, metric: refused, dataset: pets, slice: all, op: "<=", threshold: 0,
        bound: upper95, min_n: 500, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: refused, unit: ratio, direction: down, method: bootstrap, resample: row,
        produced_by: e.py}
    ```

Fine:

    <!-- config: gates -->
    ```yaml
    - {id: recall-cats, metric: recall, dataset: pets, slice: cats, op: ">=", threshold: 0.93,
        bound: lower95, min_n: 60, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: recall, unit: ratio, direction: up, method: wilson, resample: row, produced_by: e.py}
    ```

Fine:

    <!-- config: gates -->
    ```yaml
    - {id: recall-cats, metric: recall, dataset: pets, slice: cats, op: ">=", threshold: 0.93,
        bound: lower95, min_n: 40, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: recall, unit: ratio, direction: up, method: wilson, resample: row, produced_by: e.py}
    ```
    --- reports/released/2026-11-applied.json
    {"version": 1, "track": "applied", "artifacts": [],
     "run": {"command": "make eval", "commit": null, "dirty": null, "seed": 7,
      "started_at": "2026-11-23T02:24:20+00:00", "cpu_seconds": 1, "python": "3.11.7",
      "packages": {}},
     "datasets": [{"id": "pets", "rows": 900,
      "sha256": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"}],
     "results": [{"metric": "recall", "dataset": "pets", "slice": "cats", "value": 0.99,
      "n": 200, "against": null, "interval": {"lower": 0.964278, "upper": 0.997253, "level": 0.95,
      "method": "wilson", "unit": "row"}}]}
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mlcharter.charter.charter import Charter
from mlcharter.charter.config.evaluation.metrics import PROPORTIONS
from mlcharter.charter.config_entries import Entry
from mlcharter.check import eval_reports
from mlcharter.support.finding import Finding

if TYPE_CHECKING:
    from mlcharter.formats.report import Key
    from mlcharter.gate.power import Proportion

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    metrics = charter.named("metrics")
    floors = {part.value.id: part.value.min_n for part in charter.entries("slices")}
    impossible: list[tuple[Entry, Proportion]] = []
    for entry in charter.entries("gates"):
        gate = entry.value
        metric = metrics.get(gate.metric)
        if metric is None or (gate.on_fail, gate.against) != ("block", None):
            continue
        if metric.value.method in PROPORTIONS and gate.bound != "point":
            found = _find_impossible(gate, metric.value, max(gate.min_n, floors.get(gate.slice, 1)))
            impossible += [(entry, found)] if found else []
        elif (metric.value.method, metric.value.unit) == ("bootstrap", "ratio"):
            yield from _check_ratio(entry)
    measured = _count_measured(charter) if impossible else {}
    for entry, found in impossible:
        key = entry.value.metric, entry.value.dataset, entry.value.slice, None
        n = measured.get(key, 0)
        at_most = replace(found, n=max(n, found.n))
        if not at_most.can_pass:
            yield _report(entry, at_most, is_measured=n > found.n)


def _check_ratio(entry: Entry) -> Iterator[Finding]:
    """Report a ceiling of 0; a floor of 1 may be meant, since some ratios exceed 1."""
    gate = entry.value
    if gate.bound == "upper95" and gate.op[0] == "<" and gate.threshold <= 0:
        from mlcharter.gate import power

        why = power.describe_unreachable(gate.bound, gate.threshold)
        yield entry.finding(f"{entry.subject} cannot pass: {why}; {_REACHABLE}", "threshold")


def _find_impossible(gate: Any, metric: Any, n: int) -> "Proportion | None":
    """Return what a gate decides with n cases if no system passes; else None."""
    from mlcharter.gate import power

    is_ratio = metric.unit == "ratio"
    found = power.from_entry(
        metric.method, n, gate.op, gate.threshold, against=None, is_ratio=is_ratio
    )
    return None if found is None or found.can_pass else found


def _count_measured(charter: Charter) -> "dict[Key, int]":
    """Return the n of each result of the reports, as far as it changes a bound."""
    from mlcharter.gate.power import MOST

    reports = eval_reports.reports(charter).values()
    return {key: min(result.n, MOST) for read in reports for key, result in read.by_key.items()}


_REACHABLE = "choose another threshold, or count with `method: exact` and `bound: point`"


def _report(entry: Entry, found: "Proportion", *, is_measured: bool) -> Finding:
    from mlcharter.gate import power

    fewest = found.fewest_cases
    why = power.describe_impossible(found, entry.value.bound)
    if fewest is None:
        message = f"{entry.subject} cannot pass: {why}; {_REACHABLE}"
    elif is_measured:
        remedy = f"evaluate on at least {fewest} cases, or merge slices"
        message = f"{entry.subject} cannot pass: {why}; {remedy}"
    else:
        message = f"{entry.subject} allows too few cases: {why}; set `min_n` to {fewest} or more"
    return entry.finding(message, "min_n" if fewest else "threshold")
