"""A small charter, and what a change of it is judged to be."""

# ruff: noqa: E501 (an entry is one line)

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from mlcharter.check import engine
from mlcharter.diff import comparing
from mlcharter.diff.difference import Comparison
from mlcharter.support.files import Folder, Overlay

TODAY = datetime.date(2026, 12, 1)
FILES = {
    ".copier-answers.yml": """\
_commit: v0.1.0
_src_path: https://git.acme.example/charter.git
layout: documents
owner: '@acme/fraud'
project_name: Fraud watch
tier: production
tracks: [applied, rag]
""",
    ".mlcharter.yml": """\
level: complete
review_days: 90
allow:
  - {rule: link-broken, until: 2026-12-31, by: "@acme/fraud", reason: the wiki is moving}
""",
    "CODEOWNERS": """\
* @acme/fraud
/ops/ @acme/ops
/CODEOWNERS @acme/leads
/.mlcharter.yml @acme/leads
""",
    "docs/design_doc.md": """\
# Fraud watch: design

Owner: @acme/fraud
Reviewed: 2026-11-01

## Goal
<!-- section: problem -->

Fewer good orders are stopped, while the loss to fraud stays below 0.2 % of the turnover.

<!-- config: decision -->
```yaml
success:
  - {metric: recall, op: ">=", threshold: 0.9, bound: lower95}
kill:
  - {when: losses double, alert: loss, by: null}
steps: [shadow, canary, full]
adr: docs/adr/0001.md
```
""",
    "docs/eval_pack.md": """\
# Fraud watch: evaluation

Owner: @acme/fraud

## Gates
<!-- section: ci-gates -->

- [x] `slice-gates` Every slice has a gate. Evidence: [run](../evidence/run.txt) (sha256:0123456789abcdef).
- [ ] `drift-gate` Drift has a gate. Waived until 2027-01-31 by @acme/fraud: no traffic yet.
- [ ] `seeds` Results hold for several seeds.

<!-- config: gates -->
```yaml
- id: recall-min
  metric: recall
  dataset: orders
  slice: all
  op: ">="
  threshold: 0.9
  bound: lower95
  min_n: 400
  on_fail: block
  decided_on: 2026-11-01
  rationale: what the rules reach
- id: latency-max
  metric: latency
  dataset: orders
  slice: night
  op: "<="
  threshold: 300
  bound: upper95
  min_n: 400
  on_fail: block
  decided_on: 2026-11-01
  rationale: what the shop waits for
```

<!-- config: slices -->
```yaml
- {id: night, dataset: orders, where: hour < 6, min_n: 50, protected: true, alert: night-recall}
```

<!-- config: metrics -->
```yaml
- {id: recall, unit: ratio, direction: up, method: wilson, resample: rows, produced_by: evals/applied.py}
```

<!-- config: human_audit -->
```yaml
{sample: 100, cadence_days: 30, raters: 2, agreement: kappa, floor: 0.6, rubric: docs/rubric.md, labels: data/labels.csv, owner: "@acme/fraud"}
```
""",
    "ops/runbook.md": """\
# Fraud watch: runbook

Owner: @acme/ops

## SLOs
<!-- section: slos -->

<!-- config: slos -->
```yaml
- name: available
  service: api
  description: answers
  ratioMetric: {good: sum(ok_total), total: sum(all_total)}
  timeWindow: 28d
  budgetingMethod: Occurrences
  target: 0.999
  alertPolicies: [fast-burn, slow-burn]
```

<!-- config: alerts -->
```yaml
- {id: fast-burn, subject: slo/available, expr: "rate(bad_total[5m]) > 0.1", wait: 5m, severity: page, owner: "@acme/ops", runbook: "#burn"}
```

<!-- config: canary -->
```yaml
steps:
  - {weight: 5, bake: 1h, abort_alert: fast-burn}
  - {weight: 50, bake: 4h, abort_alert: fast-burn}
```
""",
    "safety/safety_checklist.md": """\
# Fraud watch: safety

Owner: @acme/fraud

## Tools
<!-- section: tools -->

<!-- config: tools -->
```yaml
- {id: lookup, read_only: true, destructive: false, idempotent: true, scopes: [orders.read], approval: human, timeout_s: 5, per_minute: 60, egress: [api.acme.example]}
```

<!-- config: egress -->
```yaml
- {host: api.acme.example, port: 443, methods: [GET], reason: lookups, owner: "@acme/fraud"}
```
""",
    "cost/cost_dashboard_spec.md": """\
# Fraud watch: cost

Owner: @acme/fraud

## Budgets
<!-- section: budgets -->

<!-- config: budgets -->
```yaml
- {id: serving, metric: spend, amount: 1400, currency: EUR, period: month, owner: "@acme/ops", alert: spend, warn_at: [0.5, 1.0], hard: true}
```
""",
    "proofs.json": """\
{"version": 1, "evals": [
 {"name": "applied", "patterns": ["evals/applied.py", "src/*.py"], "blocks": [{"document": "docs/eval_pack.md", "kind": "slices"}]}
], "proofs": [
 {"gate": "recall-min", "eval": "applied", "value": 0.5, "bound": 0.45, "sha256": "%s"}
]}
"""
    % ("0" * 64),
    "reports/released/2026-11-gates.json": '{"threshold": 0.9}\n',
    "versioning/releases/log.jsonl": '{"id": "release-2026-11"}\n',
    ".mlcharter-baseline.json": """\
{"version": 1, "owner": "@acme/fraud", "findings": [
 {"fingerprint": "aa", "rule": "link-broken", "path": "docs/a.md", "message": "gone", "since": "2026-11-01"}
]}
""",
}
Edit = tuple[str, str, str]  # a path, a text that occurs in it, and the text in its place


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("base")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def compare(root: Path, *edits: Edit, before: Sequence[Edit] = ()) -> Comparison:
    """Compare the charter with itself after some edits; an empty old text adds a file.

    The edits `before` change what it is compared with, too.
    """
    old = edit(FILES, before)
    contents = [
        {path: text.encode() or None for path, text in changed.items() if FILES.get(path) != text}
        for changed in (old, edit(old, edits))
    ]
    charters = [engine.open_charter(Overlay(Folder(root), c), TODAY) for c in contents]
    return comparing.compare(charters[0], charters[1], "base")


def edit(files: Mapping[str, str], edits: Sequence[Edit]) -> dict[str, str]:
    contents = dict(files)
    for path, old, new in edits:
        assert old in contents.get(path, ""), f"{path} does not say {old!r}"
        contents[path] = contents[path].replace(old, new, 1) if old else new
    return contents


def lines(comparison: Comparison) -> list[str]:
    return [f"{d.effect}: {d.subject}: {d.value}" for d in comparison.differences]
