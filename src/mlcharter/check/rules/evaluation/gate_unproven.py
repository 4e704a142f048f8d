"""No report shows that a gate holds.

The documents say what a release must reach; the frozen report of its run says what it reached.
A metric that no run produces, a slice that was too small and a missed threshold are each found
here. Until a report is frozen in `reports/released/`, the last run's counts.

Flagged:

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

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row,
        produced_by: evals/applied.py}
    ```

Flagged:

    <!-- config: gates -->
    ```yaml
    - {id: auc-overall, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.95,
        bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: as agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row,
        produced_by: evals/applied.py}
    ```
    --- reports/applied.json
    {"version": 1, "track":

Fine:

    <!-- config: gates -->
    ```yaml
    - id: rows-checked
      metric: rows-refused
      dataset: cards
      slice: all
      op: "<="
      threshold: 0
      bound: point
      min_n: 200
      on_fail: block
      decided_on: 2026-11-09
      rationale: the contract refuses what it does not know
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: rows-refused, unit: count, direction: down, method: exact, resample: none,
        produced_by: evals/applied.py}
    ```

    <!-- config: slices -->
    ```yaml
    - {id: all, dataset: cards, where: every row, min_n: 200, protected: false, alert: null}
    ```

    <!-- config: datasets -->
    ```yaml
    - id: cards
      uri: generated:cards
      sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
      rows: 900
      licence: CC0-1.0
      card: docs/cards/data.md
      split: {kind: random, key: null, sha256: null}
      synthetic: 1.0
    ```
    --- reports/released/2026-11-applied.json
    {"version": 1, "track": "applied", "artifacts": [],
     "run": {"command": "make eval", "commit": null, "dirty": null, "seed": 7,
      "started_at": "2026-11-23T02:24:20+00:00", "cpu_seconds": 1, "python": "3.11.7",
      "packages": {}},
     "datasets": [{"id": "cards", "rows": 900,
      "sha256": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"}],
     "results": [{"metric": "rows-refused", "dataset": "cards", "slice": "all", "value": 0,
      "n": 900, "interval": null, "against": null}]}
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.check import eval_reports
from mlcharter.support.finding import Finding

if TYPE_CHECKING:
    from mlcharter.gate.measurements import Measurements

LEVEL = "release"

# What other rules find about the same number, at an earlier level or for the whole dataset.
_SAID = {
    *("unknown-metric", "unknown-dataset", "unknown-slice", "slice-of-other-dataset"),
    *("loose-bound", "wrong-direction", "not-finite", "digest-differs", "rows-differ"),
    *("dataset-unproven", "waived"),
}
_KEYS = {"too-few": "min_n", "missed": "threshold", "not-produced": "metric"}


def check(charter: Charter) -> Iterator[Finding]:
    gates = charter.entries("gates")
    if not gates or not charter.settled("metrics"):
        return
    broken = eval_reports.unreadable(charter)
    for path, why in broken.items():
        yield Finding(path, 1, 1, "", f"this report proves nothing: {why}")
    waiting = eval_reports.unrun(charter)
    for track, unrun in waiting.items():
        if any(path.endswith((f"/{track}.json", f"-{track}.json")) for path in broken):
            continue
        count = f"{len(unrun)} gates hold" if len(unrun) > 1 else "this gate holds"
        message = f"no report of `{track}` shows that {count}"
        remedy = f"run `make freeze`, or keep it as reports/released/<month>-{track}.json"
        yield unrun[0].finding(f"{message}; {remedy}")
    silent = {id(gate) for unrun in waiting.values() for gate in unrun}
    known = len(silent) < len(gates) and charter.settled(*eval_reports.DESCRIPTIONS)
    measured = eval_reports.measured(charter) if known else None
    for gate in gates:
        if measured is not None and id(gate) not in silent:
            yield from _judged(gate, measured)


def _judged(gate: Entry, measured: "Measurements") -> Iterator[Finding]:
    from mlcharter.gate.measurements import LAST_RELEASE, Requirement

    if gate.value.against == LAST_RELEASE:
        return  # the newest frozen report is that release
    value = gate.value
    verdict = measured.compare(
        Requirement(
            config="gates",
            id=value.id,
            metric=value.metric,
            dataset=value.dataset,
            slice=value.slice,
            against=value.against,
            op=value.op,
            threshold=value.threshold,
            bound=value.bound,
            min_n=value.min_n,
        )
    )
    warned = verdict.reason == "missed" and value.on_fail == "warn"
    if verdict.verdict == "fail" and verdict.reason not in _SAID and not warned:
        seen = f" ({verdict.observed:.6g})" if verdict.observed is not None else ""
        message = f"{gate.subject} does not hold in the report{seen}: {verdict.why}"
        missed = verdict.reason == "missed"
        remedy = "improve what is released" if missed else "correct the gate, or run the evals"
        yield gate.finding(f"{message}; {remedy}", _KEYS.get(verdict.reason, "id"))
