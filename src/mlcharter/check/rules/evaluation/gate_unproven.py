"""No report shows that a gate passes.

The frozen report of a release must show it for every gate. A metric that no run produces, a slice
with too few rows and a missed threshold are flagged here. Until a report is frozen in
`reports/released/`, the report of the last run counts.

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

from mlcharter.charter import released_files
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.check import eval_reports
from mlcharter.support.finding import Finding

if TYPE_CHECKING:
    from mlcharter.gate.measurements import Measurements

LEVEL = "release"

# Reasons that other rules report, at an earlier level or for the whole dataset.
_REPORTED_ELSEWHERE = {
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
        yield Finding(path, 1, 1, "", f"this report cannot be used: {why}")
    unrun = eval_reports.unrun(charter)
    for track, entries in unrun.items():
        if any(path.endswith((f"/{track}.json", f"-{track}.json")) for path in broken):
            continue
        count = f"{len(entries)} gates pass" if len(entries) > 1 else "this gate passes"
        message = f"no report of `{track}` shows that {count}"
        path = f"reports/released/<month>-{track}.json"
        remedy = released_files.suggest_saving(f"one as {path}", charter.answers)
        yield entries[0].finding(f"{message}; {remedy}")
    without_report = {id(gate) for entries in unrun.values() for gate in entries}
    measurable = len(without_report) < len(gates) and charter.settled(*eval_reports.DESCRIPTIONS)
    measured = eval_reports.measured(charter) if measurable else None
    for gate in gates:
        if measured is not None and id(gate) not in without_report:
            yield from _check_gate(gate, measured)


def _check_gate(gate: Entry, measured: "Measurements") -> Iterator[Finding]:
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
    if verdict.verdict == "fail" and verdict.reason not in _REPORTED_ELSEWHERE and not warned:
        observed = f" ({verdict.observed:.6g})" if verdict.observed is not None else ""
        message = f"{gate.subject} does not pass in the report{observed}: {verdict.why}"
        missed = verdict.reason == "missed"
        remedy = "improve the system" if missed else "correct the gate, or run the evals"
        yield gate.finding(f"{message}; {remedy}", _KEYS.get(verdict.reason, "id"))
