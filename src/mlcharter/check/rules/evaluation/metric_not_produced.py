"""No run produces a metric, or a run computes it by another method.

The document then suggests a measurement that was not made, or an interval of another kind.

Flagged:

    <!-- config: metrics -->
    ```yaml
    - {id: brier, unit: ratio, direction: down, method: bootstrap, resample: row,
        produced_by: evals/applied.py}
    ```
    --- reports/released/2026-11-applied.json
    {"version": 1, "track": "applied", "artifacts": [],
     "run": {"command": "make eval", "commit": null, "dirty": null, "seed": 7,
      "started_at": "2026-11-23T02:24:20+00:00", "cpu_seconds": 1, "python": "3.11.7",
      "packages": {}},
     "datasets": [{"id": "cards", "rows": 900,
      "sha256": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"}],
     "results": [{"metric": "auc", "dataset": "cards", "slice": "all", "value": 0.9,
      "n": 900, "against": null, "interval": {"lower": 0.88, "upper": 0.92, "level": 0.95,
      "method": "bootstrap", "unit": "row"}}]}

Flagged:

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: customer,
        produced_by: evals/applied.py}
    ```
    --- reports/released/2026-11-applied.json
    {"version": 1, "track": "applied", "artifacts": [],
     "run": {"command": "make eval", "commit": null, "dirty": null, "seed": 7,
      "started_at": "2026-11-23T02:24:20+00:00", "cpu_seconds": 1, "python": "3.11.7",
      "packages": {}},
     "datasets": [{"id": "cards", "rows": 900,
      "sha256": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"}],
     "results": [{"metric": "auc", "dataset": "cards", "slice": "all", "value": 0.9,
      "n": 900, "against": null, "interval": {"lower": 0.88, "upper": 0.92, "level": 0.95,
      "method": "bootstrap", "unit": "row"}}]}

Fine:

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row,
        produced_by: evals/applied.py}
    ```
    --- reports/released/2026-11-applied.json
    {"version": 1, "track": "applied", "artifacts": [],
     "run": {"command": "make eval", "commit": null, "dirty": null, "seed": 7,
      "started_at": "2026-11-23T02:24:20+00:00", "cpu_seconds": 1, "python": "3.11.7",
      "packages": {}},
     "datasets": [{"id": "cards", "rows": 900,
      "sha256": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"}],
     "results": [{"metric": "auc", "dataset": "cards", "slice": "all", "value": 0.9,
      "n": 900, "against": null, "interval": {"lower": 0.88, "upper": 0.92, "level": 0.95,
      "method": "bootstrap", "unit": "row"}}]}
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.check import eval_reports
from mlcharter.support.finding import Finding

if TYPE_CHECKING:
    from mlcharter.formats.report import Result

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    metrics = charter.entries("metrics")
    reports = eval_reports.reports(charter) if metrics else {}
    written = {report.track: path for path, report in reports.items()}
    for entry in metrics:
        path = written.get(PurePosixPath(entry.value.produced_by).stem)
        if path is None:
            continue  # gate-unproven reports once that there is no report
        results = [r for r in reports[path].results if r.metric == entry.value.id]
        if not results:
            message = f"{entry.subject} is in no result of `{path}`"
            yield entry.finding(f"{message}; measure it, or remove it", "id")
        elif not any(gate.value.metric == entry.value.id for gate in charter.entries("gates")):
            yield from _check_method(entry, results[0], path)


def _check_method(entry: Entry, result: "Result", path: str) -> Iterator[Finding]:
    """Compare the method of a metric without a gate; `gate` compares it for the others."""
    metric, interval = entry.value, result.interval
    if (metric.method == "exact") != (interval is None):
        actual = "no interval" if interval is None else f"an interval by {interval.method}"
        message = f"{entry.subject} is `{metric.method}`, but `{path}` has {actual}"
        yield entry.finding(f"{message}; make them match", "method")
    elif interval is not None and result.against is None and interval.method != metric.method:
        message = f"{entry.subject} is by `{metric.method}`, but in `{path}` by {interval.method}"
        yield entry.finding(f"{message}; make them match", "method")
    elif interval is not None and interval.unit != metric.resample:
        message = f"{entry.subject} is over `{metric.resample}`, but in `{path}` over"
        yield entry.finding(f"{message} {interval.unit}; make them match", "resample")
