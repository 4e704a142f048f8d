"""A report ran on other data than the documents name.

Its numbers are then about something else, however good they look: other rows, another split, or
a set that nobody described.

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
    named = charter.named("datasets")
    for path, report in eval_reports.reports(charter).items():
        for ran in report.datasets:
            said = named.get(ran.id)
            if said is None:
                message = f"`{path}` ran on `{ran.id}`, which is not in `datasets`"
                marker = charter.configs("datasets")[0]
                yield marker.finding(f"{message}; {cross_references.near(ran.id, named)}")
                continue
            if ran.sha256 != said.value.sha256:
                message = f"{said.subject} has the digest {said.value.sha256[:16]}…, but `{path}`"
                remedy = "run the evals again, or correct it"
                why = f"ran on {ran.sha256[:16]}…; {remedy}"
                yield said.finding(f"{message} {why}", "sha256")
            if ran.rows != said.value.rows:
                message = f"{said.subject} has {said.value.rows} rows, but `{path}` ran on"
                yield said.finding(f"{message} {ran.rows}; run it again, or correct it", "rows")
        yield from _splits(path, report, named)
    yield from _unrun(charter)


def _splits(path: str, report: "Report", named: Mapping[str, Entry]) -> Iterator[Finding]:
    for made in report.artifacts:
        said = named.get(made.name)
        if made.kind != "split" or said is None:
            continue
        digest = said.value.split.sha256
        if digest != made.sha256:
            given = f"{digest[:16]}…" if digest else "null"
            message = f"{said.subject} has a split of digest {given}, but `{path}` made"
            remedy = "run it again, or correct it"
            yield said.finding(f"{message} {made.sha256[:16]}…; {remedy}", "split", "sha256")


def _unrun(charter: Charter) -> Iterator[Finding]:
    """Datasets on which a gate is decided, and that no report ran on."""
    reports = eval_reports.reports(charter)
    ran = {data.id for report in reports.values() for data in report.datasets}
    silent = {id(gate) for unrun in eval_reports.unrun(charter).values() for gate in unrun}
    gated = {g.value.dataset for g in charter.entries("gates") if id(g) not in silent}
    for entry in charter.entries("datasets") if charter.settled("metrics", "gates") else ():
        if entry.value.id in gated - ran:
            message = f"{entry.subject} decides gates, but no report gives its digest"
            yield entry.finding(f"{message}; run the evals again", "id")
