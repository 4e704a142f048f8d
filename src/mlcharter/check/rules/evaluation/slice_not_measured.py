"""No run measures a slice, or only on too few rows.

Listing a group without measuring it suggests that it was evaluated. Below `min_n` rows, a result
says nothing; if a gate uses the slice, that gate fails instead.

Flagged:

    <!-- config: slices -->
    ```yaml
    - {id: young, dataset: cards, where: age < 30, min_n: 50, protected: false, alert: null}
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

    <!-- config: slices -->
    ```yaml
    - {id: all, dataset: cards, where: every row, min_n: 50, protected: false, alert: null}
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

from mlcharter.charter.charter import Charter
from mlcharter.check import eval_reports
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    slices = charter.entries("slices")
    reports = eval_reports.reports(charter).values() if slices else ()
    used = {data.id for report in reports for data in report.datasets}
    rows: dict[tuple[str, str], int] = {}
    for report in reports:
        for result in report.results:
            key = result.dataset, result.slice
            rows[key] = max(result.n, rows.get(key, 0))
    gated = {gate.value.slice for gate in charter.entries("gates")}
    for entry in slices:
        part = entry.value
        if part.dataset not in used or part.id in gated:
            continue  # report-differs and gate-unproven report these
        n = rows.get((part.dataset, part.id))
        if n is None:
            message = f"{entry.subject} is in no result of the report"
            yield entry.finding(f"{message}; measure it, or remove it", "id")
        elif n < part.min_n:
            message = f"{entry.subject} requires {part.min_n} rows, but the report has {n}"
            yield entry.finding(f"{message}; collect more, or merge slices", "min_n")
