"""A slice is declared that no run looks at, or only at too few rows.

A group that is listed and never measured is forgotten with a good conscience. A slice below its
`min_n` says nothing; where a gate looks at it, that gate fails.

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
    ran = {data.id for report in reports for data in report.datasets}
    seen: dict[tuple[str, str], int] = {}
    for report in reports:
        for result in report.results:
            place = result.dataset, result.slice
            seen[place] = max(result.n, seen.get(place, 0))
    gated = {gate.value.slice for gate in charter.entries("gates")}
    for entry in slices:
        part = entry.value
        if part.dataset not in ran or part.id in gated:
            continue  # report-differs and gate-unproven speak of these
        n = seen.get((part.dataset, part.id))
        if n is None:
            message = f"{entry.subject} stands in no result of the report"
            yield entry.finding(f"{message}; measure it, or remove it", "id")
        elif n < part.min_n:
            message = f"{entry.subject} wants {part.min_n} rows, and the report has {n}"
            yield entry.finding(f"{message}; collect more, or join slices", "min_n")
