"""A report ran on other data than the documents name.

Its results are then about other rows, another split, or a dataset that nobody described.

Flagged:

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
    {"version": 1, "track": "applied", "artifacts": [], "results": [],
     "run": {"command": "make eval", "commit": null, "dirty": null, "seed": 7,
      "started_at": "2026-11-23T02:24:20+00:00", "cpu_seconds": 1, "python": "3.11.7",
      "packages": {}},
     "datasets": [{"id": "cards", "rows": 900,
      "sha256": "b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892"}]}

Fine:

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
    {"version": 1, "track": "applied", "artifacts": [], "results": [],
     "run": {"command": "make eval", "commit": null, "dirty": null, "seed": 7,
      "started_at": "2026-11-23T02:24:20+00:00", "cpu_seconds": 1, "python": "3.11.7",
      "packages": {}},
     "datasets": [{"id": "cards", "rows": 900,
      "sha256": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"}]}
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.check import cross_references, eval_reports
from mlcharter.support.finding import Finding

if TYPE_CHECKING:
    from mlcharter.formats.report import Report

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.configs("datasets") or not charter.settled("datasets"):
        return
    datasets = charter.named("datasets")
    for path, report in eval_reports.reports(charter).items():
        for used in report.datasets:
            entry = datasets.get(used.id)
            if entry is None:
                message = f"`{path}` ran on `{used.id}`, which is not defined in `datasets`"
                block = charter.configs("datasets")[0]
                yield block.finding(f"{message}; {cross_references.near(used.id, datasets)}")
                continue
            if used.sha256 != entry.value.sha256:
                message = f"{entry.subject} has the digest {entry.value.sha256[:16]}…, but `{path}`"
                remedy = "run the evals again, or correct it"
                yield entry.finding(f"{message} ran on {used.sha256[:16]}…; {remedy}", "sha256")
            if used.rows != entry.value.rows:
                message = f"{entry.subject} has {entry.value.rows} rows, but `{path}` ran on"
                yield entry.finding(f"{message} {used.rows}; run it again, or correct it", "rows")
        yield from _check_splits(path, report, datasets)
    yield from _check_missing(charter)


def _check_splits(path: str, report: "Report", datasets: Mapping[str, Entry]) -> Iterator[Finding]:
    for artifact in report.artifacts:
        entry = datasets.get(artifact.name)
        if artifact.kind != "split" or entry is None:
            continue
        digest = entry.value.split.sha256
        if digest != artifact.sha256:
            shown = f"{digest[:16]}…" if digest else "null"
            message = f"{entry.subject} has a split of digest {shown}, but `{path}` has"
            remedy = "run it again, or correct it"
            yield entry.finding(f"{message} {artifact.sha256[:16]}…; {remedy}", "split", "sha256")


def _check_missing(charter: Charter) -> Iterator[Finding]:
    """Yield the datasets of gates that no report ran on."""
    reports = eval_reports.reports(charter)
    used = {data.id for report in reports.values() for data in report.datasets}
    unrun = {id(gate) for gates in eval_reports.unrun(charter).values() for gate in gates}
    gated = {g.value.dataset for g in charter.entries("gates") if id(g) not in unrun}
    for entry in charter.entries("datasets") if charter.settled("metrics", "gates") else ():
        if entry.value.id in gated - used:
            message = f"{entry.subject} is used by gates, but no report has its digest"
            yield entry.finding(f"{message}; run the evals again", "id")
