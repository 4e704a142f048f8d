"""A threshold has changed since the gates of the release were run.

If a threshold is loosened after the run, the gate still passes, and the report does not show it.
So the output of `mlcharter gate --format json` for the frozen reports is saved beside them, as
`reports/released/<month>-gates.json`; `make release` writes it. After a change of a threshold, a
bound or a slice, the gates must be run again.

Flagged:

    <!-- config: gates -->
    ```yaml
    - {id: refused, metric: refused, dataset: cards, slice: all, op: "<=", threshold: 5,
        bound: point, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: refused, unit: rows, direction: down, method: exact, resample: none,
        produced_by: evals/applied.py}
    ```

    <!-- config: slices -->
    ```yaml
    - {id: all, dataset: cards, where: every row, min_n: 200, protected: false, alert: null}
    ```

    <!-- config: datasets -->
    ```yaml
    - {id: cards, uri: "generated:cards", rows: 900, licence: CC0-1.0, card: docs/cards/data.md,
        sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b,
        split: {kind: random, key: null, sha256: null}, synthetic: 1.0}
    ```
    --- reports/released/2026-11-applied.json
    {"version": 1, "track": "applied", "artifacts": [],
     "run": {"command": "make eval", "commit": null, "dirty": null, "seed": 7,
      "started_at": "2026-11-23T02:24:20+00:00", "cpu_seconds": 1, "python": "3.11.7",
      "packages": {}},
     "datasets": [{"id": "cards", "rows": 900,
      "sha256": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"}],
     "results": [{"metric": "refused", "dataset": "cards", "slice": "all", "value": 0, "n": 900,
      "interval": null, "against": null}]}
    --- reports/released/2026-11-gates.json
    {"version": 1, "ok": true, "notes": [], "reports": [{"track": "applied",
      "sha256": "8d3ca3d369685e4048c025fa4b5f315cae1b700e1d039b06f379755ac29e81a4"}],
     "verdicts": [{"config": "gates", "gate": "refused", "metric": "refused",
      "dataset": "cards", "slice": "all", "against": null, "bound": "point", "observed": 0,
      "op": "<=", "threshold": 0, "margin": 0, "verdict": "pass", "reason": "holds",
      "why": "refused on cards, slice all, n 900", "min_n": 200, "on_fail": "block"}]}

Fine:

    <!-- config: gates -->
    ```yaml
    - {id: refused, metric: refused, dataset: cards, slice: all, op: "<=", threshold: 0,
        bound: point, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: refused, unit: rows, direction: down, method: exact, resample: none,
        produced_by: evals/applied.py}
    ```

    <!-- config: slices -->
    ```yaml
    - {id: all, dataset: cards, where: every row, min_n: 200, protected: false, alert: null}
    ```

    <!-- config: datasets -->
    ```yaml
    - {id: cards, uri: "generated:cards", rows: 900, licence: CC0-1.0, card: docs/cards/data.md,
        sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b,
        split: {kind: random, key: null, sha256: null}, synthetic: 1.0}
    ```
    --- reports/released/2026-11-applied.json
    {"version": 1, "track": "applied", "artifacts": [],
     "run": {"command": "make eval", "commit": null, "dirty": null, "seed": 7,
      "started_at": "2026-11-23T02:24:20+00:00", "cpu_seconds": 1, "python": "3.11.7",
      "packages": {}},
     "datasets": [{"id": "cards", "rows": 900,
      "sha256": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"}],
     "results": [{"metric": "refused", "dataset": "cards", "slice": "all", "value": 0, "n": 900,
      "interval": null, "against": null}]}
    --- reports/released/2026-11-gates.json
    {"version": 1, "ok": true, "notes": [], "reports": [{"track": "applied",
      "sha256": "8d3ca3d369685e4048c025fa4b5f315cae1b700e1d039b06f379755ac29e81a4"}],
     "verdicts": [{"config": "gates", "gate": "refused", "metric": "refused",
      "dataset": "cards", "slice": "all", "against": null, "bound": "point", "observed": 0,
      "op": "<=", "threshold": 0, "margin": 0, "verdict": "pass", "reason": "holds",
      "why": "refused on cards, slice all, n 900", "min_n": 200, "on_fail": "block"}]}
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.charter.released_files import RELEASED, suggest_saving
from mlcharter.check import eval_reports
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding

if TYPE_CHECKING:
    from mlcharter.gate.verdict import Verdict

LEVEL = "release"
_SAVED = "verdicts as reports/released/<month>-gates.json"


def check(charter: Charter) -> Iterator[Finding]:
    frozen = [path for path in eval_reports.reports(charter) if path.startswith(f"{RELEASED}/")]
    gates = charter.every("gates")  # waived ones too: their thresholds must not change either
    current = eval_reports.verdicts(charter) if frozen and gates else None
    if current is None:
        return
    kept = eval_reports.kept_verdicts(charter)
    remedy = suggest_saving(_SAVED, charter.answers)
    if not isinstance(kept, eval_reports.Kept):
        problem = kept or f"no saved verdicts show the thresholds for `{frozen[0]}`"
        yield gates[0].finding(f"{problem}; {remedy}")
        return
    for path in frozen:
        digests = charter.digests(path)
        if isinstance(digests, Unreadable) or kept.reports.isdisjoint((digests.raw, digests.text)):
            message = f"the verdicts in `{kept.path}` are about other reports than `{path}`"
            yield gates[0].finding(f"{message}; {remedy}")
    for verdict in current:
        saved = kept.verdicts.get(verdict.gate)
        if saved is None:
            message = f"`{verdict.gate}` has no verdict in `{kept.path}`"
            yield _find_entry(charter, verdict).finding(f"{message}; {remedy}")
        elif saved.criteria != verdict.criteria:
            entry = _find_entry(charter, verdict)
            yield _report_change(entry, saved, verdict, kept.path, remedy)
    names = {verdict.gate for verdict in current}
    for name in sorted(kept.verdicts.keys() - names):
        message = f"`{name}` has a verdict in `{kept.path}`, but no longer exists"
        yield gates[0].finding(f"{message}; restore it, or {remedy}")


def _find_entry(charter: Charter, verdict: "Verdict") -> Entry:
    """Return the entry of a verdict: the one whose id begins the gate's name, or the only one."""
    name = verdict.gate.partition("/")[2] or verdict.gate
    entries = charter.every(verdict.config)
    named = [entry for entry in entries if name.startswith(getattr(entry.value, "id", name))]
    return max(named, key=lambda entry: len(getattr(entry.value, "id", "")), default=entries[0])


def _report_change(
    entry: Entry, saved: "Verdict", current: "Verdict", path: str, remedy: str
) -> Finding:
    before, after = saved.criteria, current.criteria
    key = next(key for key in after if after[key] != before[key])
    is_gate = current.gate == getattr(entry.value, "id", None)
    subject = entry.subject if is_gate else f"`{current.gate}`"
    message = f"{subject} has the {key} `{after[key]}`, but `{path}` has `{before[key]}`"
    place = (key,) if hasattr(entry.value, key) else ()
    return entry.finding(f"{message}; restore it, or {remedy}", *place)
