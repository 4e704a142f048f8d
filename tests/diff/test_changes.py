"""A corpus of changes, each with how it is judged."""

# ruff: noqa: E501 (a row of a table is one line)

from pathlib import Path

import pytest
from small_charter import FILES, TODAY, Edit, compare, edit, lines

from mlcharter.check import engine
from mlcharter.diff import comparing
from mlcharter.support.files import Folder, Overlay

PACK, DESIGN, OPS = "docs/eval_pack.md", "docs/design_doc.md", "ops/runbook.md"
SAFETY, COST, SETTINGS = (
    "safety/safety_checklist.md",
    "cost/cost_dashboard_spec.md",
    ".mlcharter.yml",
)
ANSWERS, OWNERS, BASELINE = ".copier-answers.yml", "CODEOWNERS", ".mlcharter-baseline.json"
FROZEN = "reports/released/2026-11-gates.json"

# One value changes: the file, the text before and after, and what it is.
ONE = [
    (PACK, "threshold: 0.9\n", "threshold: 0.8\n", 'weakens: gates "recall-min" threshold: 0.9 → 0.8'),
    (PACK, "threshold: 0.9\n", "threshold: 0.95\n", 'tightens: gates "recall-min" threshold: 0.9 → 0.95'),
    (PACK, "threshold: 300", "threshold: 400", 'weakens: gates "latency-max" threshold: 300 → 400'),
    (PACK, "threshold: 300", "threshold: 200", 'tightens: gates "latency-max" threshold: 300 → 200'),
    (PACK, "bound: lower95", "bound: point", 'weakens: gates "recall-min" bound: lower95 → point'),
    (PACK, "bound: upper95", "bound: lower95", 'weakens: gates "latency-max" bound: upper95 → lower95'),
    (PACK, "min_n: 400", "min_n: 40", 'weakens: gates "recall-min" min_n: 400 → 40'),
    (PACK, "on_fail: block", "on_fail: warn", 'weakens: gates "recall-min" on_fail: block → warn'),
    (PACK, "metric: recall", "metric: accuracy", 'weakens: gates "recall-min" metric: recall → accuracy'),
    (PACK, "slice: night", "slice: all", 'weakens: gates "latency-max" slice: night → all'),
    (PACK, 'op: ">="', 'op: ">"', 'tightens: gates "recall-min" op: >= → >'),
    (PACK, 'op: ">="', 'op: "<="', 'weakens: gates "recall-min" op: >= → <='),
    (PACK, "decided_on: 2026-11-01", "decided_on: null", 'weakens: gates "recall-min" decided_on: removed: 2026-11-01'),
    (PACK, "decided_on: 2026-11-01", "decided_on: 2026-11-30", 'needs a person: gates "recall-min" decided_on: 2026-11-01 → 2026-11-30'),
    (PACK, "decided_on: 2026-11-01", "decided_on: 2027-11-01", 'weakens: gates "recall-min" decided_on: 2026-11-01 → 2027-11-01'),
    (PACK, "id: recall-min", "id: recall-all", 'neutral: gates "recall-min" renamed: recall-min → recall-all'),
    (PACK, "what the rules reach", "the rules reach it", 'neutral: gates "recall-min" rationale: what the rules reach → the rules reach it'),
    (PACK, "protected: true", "protected: false", 'weakens: slices "night" protected: true → false'),
    (PACK, "alert: night-recall", "alert: null", 'weakens: slices "night" alert: removed: night-recall'),
    (PACK, "alert: night-recall", "alert: night-cost", 'needs a person: slices "night" alert: night-recall → night-cost'),
    (PACK, "where: hour < 6", "where: hour < 5", 'weakens: slices "night" where: hour < 6 → hour < 5'),
    (PACK, "direction: up", "direction: down", 'weakens: metrics "recall" direction: up → down'),
    (PACK, "cadence_days: 30", "cadence_days: 90", "weakens: human_audit cadence_days: 30 → 90"),
    (PACK, "floor: 0.6", "floor: 0.7", "tightens: human_audit floor: 0.6 → 0.7"),
    (PACK, "  min_n: 400\n  on_fail: block\n  decided_on: 2026-11-01\n  rationale: what the shop", "  min_n: 400\n  on_fail: block\n  waived: {until: 2027-03-01, by: '@bo', reason: later}\n  decided_on: 2026-11-01\n  rationale: what the shop", 'weakens: gates "latency-max" waived: added: until: 2027-03-01, by: @bo, reason: later'),
    (PACK, "- [x] `slice", "- [ ] `slice", "needs a person: item `slice-gates`: ticked → not ticked"),
    (PACK, "- [ ] `seeds`", "- [x] `seeds`", "needs a person: item `seeds`: not ticked → ticked"),
    (PACK, "- [ ] `seeds` Results hold for several seeds.\n", "", "weakens: item `seeds`: removed: Results hold for several seeds."),
    (PACK, "several seeds.", "several seeds. Waived until 2027-02-01 by @bo: later.", "weakens: item `seeds` waiver: added: until 2027-02-01 by @bo: later."),
    (PACK, "2027-01-31", "2028-01-31", "weakens: item `drift-gate` waiver: until 2027-01-31 by @acme/fraud: no traffic yet. → until 2028-01-31 by @acme/fraud: no traffic yet."),
    (PACK, " Waived until 2027-01-31 by @acme/fraud: no traffic yet.", "", "tightens: item `drift-gate` waiver: removed: until 2027-01-31 by @acme/fraud: no traffic yet."),
    (PACK, "0123456789abcdef", "fedcba9876543210", "needs a person: item `slice-gates` evidence digest: ../evidence/run.txt 0123456789ab → ../evidence/run.txt fedcba987654"),
    (PACK, " Evidence: [run](../evidence/run.txt) (sha256:0123456789abcdef).", "", "weakens: item `slice-gates` evidence: removed: ../evidence/run.txt"),
    (PACK, " (sha256:0123456789abcdef)", "", "weakens: item `slice-gates` evidence digest: removed: ../evidence/run.txt 0123456789ab"),
    (PACK, "Every slice has", "A slice has", "needs a person: item `slice-gates` text: Every slice has a gate. → A slice has a gate."),
    (DESIGN, "threshold: 0.9,", "threshold: 0.7,", 'weakens: decision success "recall" threshold: 0.9 → 0.7'),
    (DESIGN, "steps: [shadow, canary, full]", "steps: [canary, full]", 'weakens: decision steps: [shadow, canary, full] → [canary, full]'),
    (DESIGN, "Reviewed: 2026-11-01", "Reviewed: 2026-11-20", "tightens: field `Reviewed`: 2026-11-01 → 2026-11-20"),
    (DESIGN, "Reviewed: 2026-11-01", "Reviewed: soon", "weakens: field `Reviewed`: 2026-11-01 → soon"),
    (DESIGN, "Owner: @acme/fraud\n", "", "weakens: field `Owner`: removed: @acme/fraud"),
    (DESIGN, "Fewer good orders are stopped, while the loss to fraud stays below 0.2 % of the turnover.", "TBD", "weakens: section `problem`: is filled → says that it will be written later"),
    (OPS, "target: 0.999", "target: 0.99", 'weakens: slos "available" target: 0.999 → 0.99'),
    (OPS, "[fast-burn, slow-burn]", "[fast-burn]", 'weakens: slos "available" alertPolicies: [fast-burn, slow-burn] → [fast-burn]'),
    (OPS, "good: sum(ok_total)", "good: sum(all_total)", 'weakens: slos "available" ratioMetric.good: sum(ok_total) → sum(all_total)'),
    (OPS, "wait: 5m", "wait: 1h", 'weakens: alerts "fast-burn" wait: 5m → 1h'),
    (OPS, "> 0.1", "> 0.2", 'weakens: alerts "fast-burn" expr: rate(bad_total[5m]) > 0.1 → rate(bad_total[5m]) > 0.2'),
    (OPS, "> 0.1", "> 0.05", 'tightens: alerts "fast-burn" expr: rate(bad_total[5m]) > 0.1 → rate(bad_total[5m]) > 0.05'),
    (OPS, "[5m]", "[1h]", 'weakens: alerts "fast-burn" expr: rate(bad_total[5m]) > 0.1 → rate(bad_total[1h]) > 0.1'),
    (OPS, "bad_total", "ok_total", 'needs a person: alerts "fast-burn" expr: rate(bad_total[5m]) > 0.1 → rate(ok_total[5m]) > 0.1'),
    (OPS, "severity: page", "severity: ticket", 'weakens: alerts "fast-burn" severity: page → ticket'),
    (OPS, "bake: 1h", "bake: 90m", "tightens: canary steps 1 bake: 1h → 90m"),
    (SAFETY, "[orders.read]", "[orders.read, orders.write]", 'weakens: tools "lookup" scopes: [orders.read] → [orders.read, orders.write]'),
    (SAFETY, "id: lookup", "id: delete-orders", 'needs a person: tools "lookup" renamed: lookup → delete-orders'),
    (SAFETY, "approval: human", "approval: none", 'weakens: tools "lookup" approval: human → none'),
    (SAFETY, "```\n\n<!-- config: egress -->\n```yaml\n", "```\n\n<!-- config: egress -->\n```yaml\n- {host: x.example, port: 443, methods: [GET], reason: a, owner: '@bo'}\n", 'weakens: egress "x.example": added: host: x.example, port: 443, methods: [GET], reason: a, owner: @bo'),
    (COST, "amount: 1400", "amount: 1500", 'weakens: budgets "serving" amount: 1400 → 1500'),
    (COST, "hard: true", "hard: false", 'weakens: budgets "serving" hard: true → false'),
    (SETTINGS, "level: complete", "level: draft", "weakens: setting `level`: complete → draft"),
    (SETTINGS, "review_days: 90\n", "", "weakens: setting `review_days`: 90 → 180"),
    (SETTINGS, "review_days: 90", "ignore: [gate-*]\nreview_days: 90", 'weakens: setting `ignore`: [] → [gate-*]'),
    (SETTINGS, "review_days: 90", "select: [link-broken]\nreview_days: 90", 'weakens: setting `select`: [] → [link-broken]'),
    (SETTINGS, "the wiki is moving", "none", 'needs a person: setting `allow "link-broken" reason`: the wiki is moving → none'),
    (SETTINGS, "2026-12-31", "2027-12-31", 'weakens: setting `allow "link-broken" until`: 2026-12-31 → 2027-12-31'),
    (SETTINGS, "review_days: 90", "not_applicable: {drift-gate: {by: '@bo', reason: none}}\nreview_days: 90", 'weakens: setting `not_applicable "drift-gate"`: added: by: @bo, reason: none'),
    (SETTINGS, "review_days: 90", "levels: [{path: docs/*_doc.md, level: draft}]\nreview_days: 90", "weakens: setting `levels` of docs/design_doc.md: complete → draft"),
    (SETTINGS, "review_days: 90", "levels: [{path: docs/*_doc.md, level: release}]\nreview_days: 90", "tightens: setting `levels` of docs/design_doc.md: complete → release"),
    (SETTINGS, "review_days: 90", "levels: [{branch: release/*, level: draft}]\nreview_days: 90", "weakens: setting `levels` on release/x: complete → draft"),
    (SETTINGS, "review_days: 90", "levels: [{level: draft}]\nreview_days: 90", "weakens: setting `levels`: complete → draft"),
    (SETTINGS, "review_days: 90", "levels: [{path: gone/*, level: complete}]\nreview_days: 90", "neutral: setting `levels`: [] → [{level: complete, path: gone/*}]"),
    (ANSWERS, "tier: production", "tier: prototype", "weakens: answer `tier`: production → prototype"),
    (ANSWERS, "tier: production", "tier: critical", "tightens: answer `tier`: production → critical"),
    (ANSWERS, "[applied, rag]", "[applied]", 'weakens: answer `tracks`: [applied, rag] → [applied]'),
    (ANSWERS, "git.acme.example", "git.evil.example", "weakens: answer `_src_path`: https://git.acme.example/charter.git → https://git.evil.example/charter.git"),
    (OWNERS, "/ops/ @acme/ops", "/ops/ @mallory", "weakens: owners of ops/runbook.md: @acme/ops → @mallory"),
    (BASELINE, '"findings": [', '"findings": [\n {"fingerprint": "bb", "rule": "gate-unproven", "path": "docs/a.md", "message": "no", "since": "2026-11-01"},', "weakens: baseline: added: `gate-unproven` in docs/a.md"),
    ("proofs.json", '\n {"gate": "recall-min", "eval": "applied", "value": 0.5, "bound": 0.45, "sha256": "%s"}\n' % ("0" * 64), "", 'weakens: proof of gate "recall-min": removed: applied, bound 0.45, 000000000000'),
    (BASELINE, '"since": "2026-11-01"', '"since": "2026-11-20"', "weakens: baseline `link-broken` since: 2026-11-01 → 2026-11-20"),
    ("proofs.json", '"evals/applied.py", "src/*.py"', '"evals/applied.py"', 'weakens: patterns of the proofs of "applied": removed: [src/*.py]'),
    ("proofs.json", "src/*.py", "lib/*.py", 'needs a person: patterns of the proofs of "applied": [src/*.py] → [lib/*.py]'),
    ("proofs.json", '{"document": "docs/eval_pack.md", "kind": "slices"}', "", 'weakens: blocks of the proofs of "applied": removed: [slices in docs/eval_pack.md]'),
    (FROZEN, "0.9", "0.8", "weakens: released file: released → changed"),
    ("reports/released/2026-12-gates.json", "", "{}\n", "neutral: released file: added: a new release"),
    ("versioning/releases/log.jsonl", '11"}\n', '11"}\n{"id": "release-2026-12"}\n', "neutral: log of releases: added: more lines"),
    ("versioning/releases/log.jsonl", "2026-11", "2026-10", "weakens: released file: released → changed"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "expected"), ONE, ids=[row[3] for row in ONE])
def test_a_changed_value_has_a_class(
    base: Path, path: str, old: str, new: str, expected: str
) -> None:
    assert lines(compare(base, (path, old, new))) == [expected]


# What changes for the eye only: rows of ten changes below hide a weakening among them.
HARMLESS: list[Edit] = [
    (PACK, "## Gates", "## The gates"),
    (PACK, "- {id: night, dataset: orders,", "- {dataset: orders, id: night,"),
    (PACK, "rationale: what the shop waits for", "rationale: 'the shop waits for it'"),
    (DESIGN, "Fewer good orders are stopped", "Good orders are stopped less often"),
    (OPS, "description: answers", "description: it answers"),
    (OPS, "{good: sum(ok_total), total: sum(all_total)}", "\n    good: sum(ok_total)\n    total: sum(all_total)"),
    (COST, "# Fraud watch: cost", "# Fraud watch: what it costs"),
]  # fmt: skip


PII = """\

<!-- config: pii_map -->
```yaml
- {dataset: orders, field: email, category: direct, purpose: contact, basis: contract, retention_days: 30, redaction: hash, region: EU}
- {dataset: users, field: email, category: direct, purpose: login, basis: contract, retention_days: 90, redaction: mask, region: EU}
- {dataset: users, field: name, category: direct, purpose: login, basis: contract, retention_days: 90, redaction: drop, region: EU}
```
"""
PII_ROWS = PII.splitlines(keepends=True)[3:6]
SLICE = "- {id: night, dataset: orders, where: hour < 6, min_n: 50, protected: true, alert: night-recall}"


def changed(tmp_path: Path, before: dict[str, str], *edits: Edit) -> list[str]:
    """Return the differences of some edits from a charter that has these files too."""
    files = FILES | before
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    after = dict(files)
    for path, old, new in edits:
        assert old in after[path], f"{path} does not say {old!r}"
        after[path] = after[path].replace(old, new)
    overlay = Overlay(Folder(tmp_path), {path: text.encode() for path, text in after.items()})
    charters = [engine.open_charter(tree, TODAY) for tree in (Folder(tmp_path), overlay)]
    return lines(comparing.compare(charters[0], charters[1], "base"))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([PII_ROWS[1], PII_ROWS[2], PII_ROWS[0]], []),
        (
            [PII_ROWS[1].replace("90", "99"), PII_ROWS[2], PII_ROWS[0]],
            ['weakens: pii_map "email" retention_days: 90 → 99'],
        ),
        (
            [PII_ROWS[2], PII_ROWS[0].replace("hash", "none")],
            [
                'weakens: pii_map "email": removed: dataset: users, field: email, category: direct, purpose: login, basis: contract, retention_days: 90, redaction: mask, r…',
                'weakens: pii_map "email" redaction: hash → none',
            ],
        ),
    ],
    ids=["reordered", "reordered, one is kept longer", "reordered, one is removed"],
)  # fmt: skip
def test_rows_with_the_same_name_may_change_their_order(
    tmp_path: Path, rows: list[str], expected: list[str]
) -> None:
    before = {SAFETY: FILES[SAFETY] + PII}

    assert changed(tmp_path, before, (SAFETY, "".join(PII_ROWS), "".join(rows))) == expected


SLICE_RENAMED: list[Edit] = [
    (PACK, "id: night,", "id: late-hours,"),
    (PACK, "slice: night", "slice: late-hours"),
    (OPS, "subject: slice/night", "subject: slice/late-hours"),
]
GATE_RENAMED: list[Edit] = [
    (PACK, "id: recall-min", "id: recall-all"),
    ("proofs.json", "recall-min", "recall-all"),
    (COST, "gates: [recall-min]", "gates: [recall-all]"),
]
NAMED_ELSEWHERE = {
    OPS: FILES[OPS].replace("subject: slo/available", "subject: slice/night"),
    COST: FILES[COST]
    + """
<!-- config: joint_release -->
```yaml
{id: r1, sequence: 1, previous: null, required: [model], members: ["model/m@sha256:%s"], gates: [recall-min], approved_by: ["@acme/fraud"], approved_on: 2026-11-01}
```
"""
    % ("0" * 64),
}
RENAMED_SLICE = 'neutral: slices "night" renamed: night → late-hours'
RENAMED_GATE = 'neutral: gates "recall-min" renamed: recall-min → recall-all'


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (SLICE_RENAMED, [RENAMED_SLICE]),
        (GATE_RENAMED, [RENAMED_GATE]),
        (
            [*SLICE_RENAMED, (PACK, "threshold: 300", "threshold: 400")],
            ['weakens: gates "latency-max" threshold: 300 → 400', RENAMED_SLICE],
        ),
        (
            [*GATE_RENAMED, (PACK, "threshold: 0.9\n", "threshold: 0.8\n")],
            ['weakens: gates "recall-all" threshold: 0.9 → 0.8', RENAMED_GATE],
        ),
        (
            [*SLICE_RENAMED, (PACK, "min_n: 50,", "min_n: 5,")],
            ['weakens: slices "late-hours" min_n: 50 → 5', RENAMED_SLICE],
        ),
        (
            [*SLICE_RENAMED, (PACK, "hour < 6", "hour < 2")],
            [
                'weakens: gates "latency-max" slice: night → late-hours',
                'weakens: slices "night": removed: id: night, dataset: orders, where: hour < 6, min_n: 50, protected: true, alert: night-recall',
                'weakens: alerts "fast-burn" subject: slice/night → slice/late-hours',
                'tightens: slices "late-hours": added: id: late-hours, dataset: orders, where: hour < 2, min_n: 50, protected: true, alert: night-recall',
            ],
        ),
        (
            [*SLICE_RENAMED[:2]],  # an alert still names it
            [
                'weakens: gates "latency-max" slice: night → late-hours',
                RENAMED_SLICE,
            ],
        ),
        (
            [(PACK, "id: recall,", "id: precision,"), (PACK, "metric: recall", "metric: precision")],
            [
                'weakens: gates "recall-min" metric: recall → precision',
                'neutral: metrics "recall" renamed: recall → precision',
            ],
        ),
        (
            [(PACK, "id: recall,", "id: night,"), (PACK, "metric: recall", "metric: night")],
            [
                'weakens: gates "recall-min" metric: recall → night',
                'neutral: metrics "recall" renamed: recall → night',
            ],
        ),
    ],
    ids=["slice", "gate", "slice, and a threshold", "gate, and its threshold", "slice, and its size", "another slice", "an alert still names it", "another metric", "a metric by the name of a slice"],
)  # fmt: skip
def test_a_slice_or_gate_that_is_renamed_everywhere_is_the_same(
    tmp_path: Path, edits: list[Edit], expected: list[str]
) -> None:
    assert changed(tmp_path, NAMED_ELSEWHERE, *edits) == expected


UNNAMED = "- [ ] Results of each quarter are shown to the risk board before they are used.\n"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (
            UNNAMED.replace("are shown to", "are presented to"),
            ["needs a person: item without an id text: …of each quarter are shown to the risk board before they ar… → …of each quarter are presented to the risk board before the…"],
        ),
        (UNNAMED.replace("[ ]", "[ ] `risk-board`"), ["neutral: item that has an id now: Results of each quarter are shown to the risk board before … → `risk-board`"]),
        (
            UNNAMED.replace("are shown to", "are presented to").replace("used.", "used. Waived until 2027-02-01 by @bo: later."),
            [
                "weakens: item without an id waiver: added: until 2027-02-01 by @bo: later.",
                "needs a person: item without an id text: …of each quarter are shown to the risk board before they ar… → …of each quarter are presented to the risk board before the…",
            ],
        ),
        (
            "- [ ] Nothing.\n",
            [
                "weakens: item without an id: removed: Results of each quarter are shown to the risk board before …",
                "tightens: item without an id: added: Nothing.",
            ],
        ),
        ("", ["weakens: item without an id: removed: Results of each quarter are shown to the risk board before …"]),
        (
            UNNAMED + UNNAMED.replace("used.", "used. Waived until 2027-02-01 by @bo: later."),
            [
                "weakens: item without an id waiver: added: until 2027-02-01 by @bo: later.",
                "tightens: item without an id: added: Results of each quarter are shown to the risk board before …",
            ],
        ),
    ],
    ids=["reworded", "given an id", "reworded and waived", "another", "removed", "doubled and waived"],
)  # fmt: skip
def test_an_item_without_an_id_is_found_by_its_text(
    tmp_path: Path, new: str, expected: list[str]
) -> None:
    before = {PACK: FILES[PACK].replace("- [ ] `seeds`", f"{UNNAMED}- [ ] `seeds`")}

    assert changed(tmp_path, before, (PACK, UNNAMED, new)) == expected


NOTE = "# Notes\n\nOwner: @acme/fraud\n\n## Checks\n<!-- section: notes -->\n\n- [x] `own-check` We check it. Evidence: [a](a.md)\n"


@pytest.mark.parametrize(
    ("before", "edits", "expected"),
    [
        (
            {"docs/notes.md": NOTE, "docs/a.md": NOTE.replace("own-check", "other-check")},
            [("docs/a.md", "other-check", "own-check"), ("docs/notes.md", " Evidence: [a](a.md)", "")],
            [
                "weakens: item `own-check` evidence: removed: a.md",
                "weakens: item `other-check`: removed: We check it.",
                "tightens: item `own-check`: added: We check it.",
            ],
        ),
        (
            {},
            [(PACK, "rationale: what the rules reach", "rationale: what the rules reach\n  starter: true")],
            ['weakens: gates "recall-min" starter: false → true'],
        ),
    ],
    ids=["an item of the same id in another document", "a gate of the team is called the starter's"],
)  # fmt: skip
def test_a_change_that_hides_a_weakening_is_found(
    tmp_path: Path, before: dict[str, str], edits: list[Edit], expected: list[str]
) -> None:
    assert sorted(changed(tmp_path, before, *edits)) == sorted(expected)


# What can't be read any more: who reads the document sees no difference, and nothing is compared.
NOT_READ = [
    (SAFETY, "approval: human", "approval: humans", ['weakens: tools "lookup": removed: id: lookup, read_only: true, idempotent: true, scopes: [orders.read], approval: human, timeout_s: 5, per_minute: 60, eg…']),
    (SAFETY, "{host: api", "{host api", ['weakens: egress "api.acme.example": removed: host: api.acme.example, port: 443, methods: [GET], reason: lookups, owner: @acme/fraud']),
    (PACK, "config: human_audit", "config: human_audits", ["weakens: human_audit: removed: sample: 100, cadence_days: 30, raters: 2, agreement: kappa, floor: 0.6, rubric: docs/rubric.md, labels: data/labels.csv…"]),
    (PACK, "`seeds` Results hold for several seeds.", "`seeds` ~~Results hold for several seeds.~~", ["needs a person: item `seeds` text: Results hold for several seeds. → ~~Results hold for several seeds.~~"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "expected"), NOT_READ)
def test_what_can_no_longer_be_read_is_missed(
    base: Path, path: str, old: str, new: str, expected: list[str]
) -> None:
    assert lines(compare(base, (path, old, new))) == expected


# Edits that change nothing for a reader; the tier may rise, and a document may move.
REFORMATTED: list[list[Edit]] = [
    [(PACK, FILES[PACK], FILES[PACK].replace("\n", "\r\n"))],
    [(PACK, "metric: recall\n", "metric: 'recall'\n"), (PACK, "threshold: 0.9\n", "threshold: 0.90\n")],
    [(PACK, "- [ ] `seeds`", "* [ ] `seeds`")],
    [(PACK, "## Gates\n", "Gates\n-----\n")],
    [(PACK, "Results hold for", "Results hold\n  for")],
    [(SETTINGS, "level: complete\nreview_days: 90\n", "review_days: 90\nlevel: complete\n")],
    [(OWNERS, "/ops/ @acme/ops", "# ops\n/ops/   @acme/ops")],
    [(PACK, "```yaml\n- {id: night", "~~~yaml\n- {id: night"), (PACK, "alert: night-recall}\n```", "alert: night-recall}\n~~~")],
]  # fmt: skip


@pytest.mark.parametrize("edits", REFORMATTED)
def test_another_layout_changes_nothing(base: Path, edits: list[Edit]) -> None:
    assert lines(compare(base, *edits)) == []


def test_harmless_edits_are_neutral(base: Path) -> None:
    assert not compare(base, *HARMLESS).fails
    assert {d.effect for d in compare(base, *HARMLESS).differences} == {"neutral"}


# The rows that weaken, and whose text is still there after the harmless edits.
HIDDEN = [
    row
    for row in ONE
    if row[3].startswith("weakens") and row[1] in edit(FILES, HARMLESS).get(row[0], "")
]


@pytest.mark.parametrize(("path", "old", "new", "expected"), HIDDEN, ids=[row[3] for row in HIDDEN])
def test_a_weakening_among_harmless_edits_is_found(
    base: Path, path: str, old: str, new: str, expected: str
) -> None:
    found = compare(base, *HARMLESS, (path, old, new))

    assert [line for line in lines(found) if not line.startswith("neutral")] == [expected]
    assert found.fails


def test_a_threshold_that_is_lowered_in_all_places_is_found_in_all(base: Path) -> None:
    """`check` accepts this state, in which all places agree."""
    found = compare(
        base,
        (PACK, "threshold: 0.9\n", "threshold: 0.8\n"),
        (DESIGN, "threshold: 0.9,", "threshold: 0.8,"),
        (FROZEN, "0.9", "0.8"),
    )

    assert [d.message for d in found.differences] == [
        'decision success "recall" threshold: 0.9 → 0.8; needs the approval of @acme/fraud',
        'gates "recall-min" threshold: 0.9 → 0.8; needs the approval of @acme/fraud',
        "released file: released → changed; a released file never changes; add a new one; "
        "revert it",
    ]
    assert found.summary[0] == "3 differences weaken the charter, 3 without approval"


STANDARD = "tools/standard.yml"
EXTENDING: list[Edit] = [
    (SETTINGS, "level: complete\nreview_days: 90\n", f"extends: {STANDARD}\n"),
    (STANDARD, "", "level: release\nreview_days: 90\nlevels: [{path: docs/*, level: release}]\n"),
]  # fmt: skip

# A change of the settings or of the standard that they extend, by what applies then.
APPLYING = [
    (SETTINGS, f"extends: {STANDARD}\n", f"extends: {STANDARD}\nlevel: draft\n", "weakens: setting `level`: release → draft"),
    (SETTINGS, f"extends: {STANDARD}\n", f"extends: {STANDARD}\nreview_days: 180\n", "weakens: setting `review_days`: 90 → 180"),
    (SETTINGS, f"extends: {STANDARD}\n", f"extends: {STANDARD}\nlevels: [{{path: docs/*, level: draft}}]\n", "weakens: setting `levels` of docs/design_doc.md and 1 more: release → draft"),
    (STANDARD, "level: release\n", "level: draft\n", "weakens: setting `level`: release → draft"),
    (STANDARD, "level: release\n", "level: release\nexclude: [seeds]\n", "weakens: setting `exclude`: [] → [seeds]"),
    (STANDARD, "level: release\n", "level: release\nlocked: true\n", "tightens: setting `locked`: false → true"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "expected"), APPLYING)
def test_settings_are_judged_by_the_value_that_applies(
    base: Path, path: str, old: str, new: str, expected: str
) -> None:
    assert lines(compare(base, (path, old, new), before=EXTENDING)) == [expected]


# The levels before and after, and what the change is: the first entry that matches counts.
LEVELS = [
    ("level: release", "level: release\nlevels: [{path: docs/*, level: complete}]", "weakens: setting `levels` of docs/design_doc.md and 1 more: release → complete"),
    ("level: complete\nlevels: [{path: docs/d*, level: release}, {path: docs/*, level: complete}]", "level: complete\nlevels: [{path: docs/*, level: complete}, {path: docs/d*, level: release}]", "weakens: setting `levels` of docs/design_doc.md: release → complete"),
    ("level: complete\nlevels: [{path: docs/*, level: complete}, {path: docs/d*, level: release}]", "level: complete\nlevels: [{path: docs/d*, level: release}, {path: docs/*, level: complete}]", "tightens: setting `levels` of docs/design_doc.md: complete → release"),
    ("level: complete\nlevels: [{path: docs/*, level: complete}, {path: ops/*, level: release}]", "level: complete\nlevels: [{path: ops/*, level: release}, {path: docs/*, level: complete}]", "neutral: setting `levels`: [{level: complete, path: docs/*}, {level: release, path: ops/*}] → [{level: release, path: ops/*}, {level: complete, path: docs/*}]"),
    ("level: complete\nlevels: [{branch: main, level: release}]", "level: complete\nlevels: [{branch: 'm?in', path: docs/*, level: complete}, {branch: main, level: release}]", "weakens: setting `levels` of docs/design_doc.md and 1 more on main: release → complete"),
    ("level: complete\nlevels: [{branch: release/*, level: release}]", "level: complete\nlevels: [{branch: release/1*, level: release}]", "weakens: setting `levels` on release/x: release → complete"),
    ("level: complete\nlevels: [{path: docs/d*, level: release}]", "level: complete\nlevels: [{path: docs/*, level: release}]", "tightens: setting `levels` of docs/eval_pack.md: complete → release"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), LEVELS)
def test_levels_are_judged_by_what_each_file_has_before_and_after(
    base: Path, before: str, after: str, expected: str
) -> None:
    found = compare(base, (SETTINGS, before, after), before=[(SETTINGS, "level: complete", before)])

    assert lines(found) == [expected]


REVIEWED: Edit = (PACK, "Owner: @acme/fraud\n", "Owner: @acme/fraud\nReviewed: 2026-11-01\n")
AGAIN: Edit = (PACK, "2026-11-01\n", "2026-11-20\n")
STAMP, RUN = "0123456789abcdef", "[run](../evidence/run.txt) (sha256:0123456789abcdef)"
UNREVIEWED = "; nobody reviewed it; write the date at `Reviewed`; needs the approval of @acme/fraud"

# Changes of the evidence of a ticked item, in a document that says when it was reviewed.
EVIDENCE: list[tuple[list[Edit], list[str]]] = [
    ([(PACK, STAMP, "fedcba9876543210")], ["item `slice-gates` evidence digest: ../evidence/run.txt 0123456789ab → ../evidence/run.txt fedcba987654" + UNREVIEWED]),
    ([(PACK, STAMP, "fedcba9876543210"), AGAIN], []),
    ([(PACK, "run.txt", "other.txt")], ["item `slice-gates` evidence: ../evidence/run.txt → ../evidence/other.txt" + UNREVIEWED]),
    ([(PACK, "run.txt", "other.txt"), AGAIN], []),
    ([(PACK, RUN, "[run](../evidence/other.txt)"), AGAIN], ["item `slice-gates` evidence: ../evidence/run.txt → ../evidence/other.txt; needs the approval of @acme/fraud"]),
    ([(PACK, f" Evidence: {RUN}.", ""), AGAIN], ["item `slice-gates` evidence: removed: ../evidence/run.txt; needs the approval of @acme/fraud"]),
    ([(PACK, "- [x] `slice", "- [ ] `slice"), (PACK, f" Evidence: {RUN}.", "")], []),
    ([(PACK, RUN, f"{RUN}, [more](../evidence/more.txt)")], []),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "weakening"), EVIDENCE)
def test_other_evidence_of_a_ticked_item_weakens_until_somebody_reviews_it(
    base: Path, edits: list[Edit], weakening: list[str]
) -> None:
    found = compare(base, *edits, before=[REVIEWED])

    assert [d.message for d in found.differences if d.fails] == weakening


def test_an_allow_entry_is_shown_with_what_it_excuses(base: Path) -> None:
    """Someone who is not in CODEOWNERS accepts the findings that the same change causes."""
    found = compare(
        base,
        (SETTINGS, "allow:\n", "allow:\n  - {rule: proof-missing, until: 2027-01-01, by: '@mallory', reason: later}\n"),
    )  # fmt: skip

    (entry,) = found.differences
    assert entry.effect == "weakens"
    assert entry.note == "accepts `proof-missing` in `*` until 2027-01-01; excuses 1 finding"
    assert [text.rpartition(" ")[2] for text in entry.excuses] == ["[proof-missing]"]
    assert entry.needs == "needs the approval of @acme/leads"


def test_steps_that_are_inserted_are_added_and_not_changed(base: Path) -> None:
    step = "  - {weight: 50, bake: 4h, abort_alert: fast-burn}\n"
    new = step.replace("50", "20")

    assert lines(compare(base, (OPS, step, new + step))) == [
        "tightens: canary steps 2: added: weight: 20, bake: 4h, abort_alert: fast-burn"
    ]


def test_a_document_that_is_moved_is_renamed_and_one_that_is_deleted_is_missed(base: Path) -> None:
    text = FILES[OPS]
    moved = compare(base, (OPS, text, ""), ("ops/book.md", "", text))
    gone = compare(base, (OPS, text, ""))

    assert lines(moved) == ["neutral: document renamed: ops/runbook.md → ops/book.md"]
    assert "weakens: document: removed: Fraud watch: runbook" in lines(gone)
    assert 'weakens: alerts "fast-burn"' in "\n".join(lines(gone))


MOVED = "docs/book.md"
OWN = "\n## Own\n<!-- section: our-duty -->\n\nWe are on duty in turns.\n"

# What changes in the runbook, which the change moves to MOVED, and what the change is.
MOVES: list[tuple[str, str, list[str]]] = [
    ("# Fraud watch: runbook", "# Fraud watch: book", []),
    ("Owner: @acme/ops", "Owner: @mallory", ["needs a person: field `Owner`: @acme/ops → @mallory"]),
    ("# Fraud watch: runbook\n\nOwner: @acme/ops", "# Book", ["weakens: field `Owner`: removed: @acme/ops"]),
    ("<!-- section: slos -->", "", ["weakens: section `slos`: removed: SLOs"]),
    ("## SLOs\n<!-- section: slos -->", "", ["weakens: section `slos`: removed: SLOs"]),
    (OWN, "", ["weakens: section `our-duty`: removed: Own"]),
    ("We are on duty in turns.", "", ["weakens: section `our-duty`: is filled → is empty"]),
    ("target: 0.999", "target: 0.99", ['weakens: slos "available" target: 0.999 → 0.99']),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), MOVES)
def test_what_changes_in_a_document_that_is_moved_is_found(
    base: Path, old: str, new: str, expected: list[str]
) -> None:
    text = FILES[OPS] + OWN
    assert old in text
    edits = [(OPS, text, ""), (MOVED, "", text.replace(old, new))]

    found = lines(compare(base, *edits, before=[(OPS, FILES[OPS], text)]))

    moved = "neutral: document renamed: ops/runbook.md → docs/book.md"
    owners = "weakens: owners of ops/runbook.md: @acme/ops → @acme/fraud"
    assert sorted(found) == sorted([moved, owners, *expected])


def test_a_section_of_the_team_in_a_document_that_the_template_drops_is_missed(base: Path) -> None:
    """`docs/reward_spec.md` is a document of the track rl, which this charter does not have."""
    spec = "docs/reward_spec.md"
    text = f"# Rewards\n\nOwner: @acme/fraud\n{OWN}"
    update = (ANSWERS, "v0.1.0", "v0.2.0")

    assert lines(compare(base, (spec, text, ""), update, before=[(spec, "", text)])) == [
        "weakens: section `our-duty`: removed: Own",
        "needs a person: document: removed: Rewards",
        "tightens: answer `_commit`: v0.1.0 → v0.2.0",
    ]


def test_a_change_of_the_template_or_the_tier_removes_nothing_that_a_team_wrote(base: Path) -> None:
    own = "- [ ] `seeds` Results hold for several seeds.\n"
    other = "- [ ] `harmless` Nothing.\n"
    answers = ".copier-answers.yml"
    weakened = "weakens: item `seeds`: removed: Results hold for several seeds."

    updated = compare(base, (answers, "v0.1.0", "v0.2.0"), (PACK, own, other))
    lowered = compare(base, (answers, "production", "prototype"), (PACK, own, ""))
    assert weakened in lines(updated)
    assert weakened in lines(lowered)


# The tier of an item of the team in a charter of tier production, and what a change of it is.
TIERS = [
    ("production", "critical", "weakens: item `seeds` tier: production → critical"),
    ("critical", "production", "tightens: item `seeds` tier: critical → production"),
    ("prototype", "production", "needs a person: item `seeds` tier: prototype → production"),
    ("", "critical", "weakens: item `seeds` tier: added: critical"),
    ("critical", "", "tightens: item `seeds` tier: removed: critical"),
    ("production", "", "needs a person: item `seeds` tier: removed: production"),
]


@pytest.mark.parametrize(("before", "after", "expected"), TIERS)
def test_another_tier_of_an_item_is_judged_by_whether_it_is_still_required_here(
    base: Path, before: str, after: str, expected: str
) -> None:
    old, new = (
        f"several seeds.{f' <!-- from {tier} -->' if tier else ''}\n" for tier in (before, after)
    )

    found = compare(base, (PACK, old, new), before=[(PACK, "several seeds.\n", old)])

    assert lines(found) == [expected]


_PACK = FILES[PACK]
_GATES = _PACK[_PACK.index("<!-- config: gates -->") : _PACK.index("<!-- config: slices -->")]
_GATE = _GATES[_GATES.index("- id: recall-min") : _GATES.index("- id: latency-max")]
_BLOCK = f"<!-- config: gates -->\n```yaml\n{_GATE}```\n\n"
FUTURE: Edit = (PACK, "2026-11-01\n", "2036-11-01\n")

# What looks like more, and lets something weaker through.
FALSE_GAINS: list[tuple[list[Edit], list[str]]] = [
    ([(DESIGN, "## Goal\n", f"{_BLOCK}## Goal\n"), (PACK, "threshold: 0.9\n", "threshold: 0.5\n")], ['weakens: gates "recall-min": added: recall >= 0.5']),
    ([(PACK, _GATE, _GATE + _GATE.replace("0.9", "0.5"))], ['weakens: gates "recall-min": added: recall >= 0.5']),
    ([(DESIGN, "## Goal\n", f"{_BLOCK}## Goal\n".replace("0.9", "0.5"))], ['weakens: gates "recall-min": added: recall >= 0.5']),
    ([FUTURE], ["weakens: field `Reviewed`: 2026-11-01 → 2036-11-01"]),
    ([FUTURE, (PACK, "0123456789abcdef", "fedcba9876543210")], ["weakens: item `slice-gates` evidence digest: ../evidence/run.txt 0123456789ab → ../evidence/run.txt fedcba987654", "weakens: field `Reviewed`: 2026-11-01 → 2036-11-01"]),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "expected"), FALSE_GAINS)
def test_a_second_gate_of_the_same_name_and_a_review_in_the_future_weaken(
    base: Path, edits: list[Edit], expected: list[str]
) -> None:
    reviewed = (PACK, "Owner: @acme/fraud\n", "Owner: @acme/fraud\nReviewed: 2026-11-01\n")

    found = compare(base, *edits, before=[reviewed])

    assert sorted(lines(found)) == sorted(expected)


# What could not be read at the base, and what it is to write it so that it can be.
UNREADABLE = [
    (PACK, 'op: "=<"', 'op: "<="', 'tightens: gates "latency-max": added: latency <= 300.0'),
    (PACK, "Waived until soon", "Waived until 2027-01-31", "weakens: item `drift-gate` waiver: until soon by @acme/fraud: no traffic yet. → until 2027-01-31 by @acme/fraud: no traffic yet."),
]  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after", "expected"), UNREADABLE)
def test_what_could_not_be_read_at_the_base_is_judged_by_what_it_does_now(
    base: Path, path: str, before: str, after: str, expected: str
) -> None:
    found = compare(base, (path, before, after), before=[(path, after, before)])

    assert lines(found) == [expected]


UPDATE: Edit = (ANSWERS, "v0.1.0", "v0.2.0")
_FIRST = "- [ ] `gates-before-results` Gates come first.\n"

# What a change does beside an update of the template, which explains none of it, and its class.
BESIDE_AN_UPDATE: list[tuple[list[Edit], list[str]]] = [
    ([(PACK, "what the rules reach", "what the rules reach\n  starter: true")], ['weakens: gates "recall-min" starter: false → true']),
    ([(PACK, _FIRST, "- [ ] `harmless` Nothing.\n")], ["weakens: item `gates-before-results`: removed: Gates come first."]),
    ([(PACK, _FIRST, "- [ ] `gates-first` Gates come first.\n")], []),
    ([(PACK, _GATES, ""), (OPS, FILES[OPS], FILES[OPS] + _GATES)], ['weakens: owners of gates "recall-min" and 1 more: @acme/fraud → @acme/ops']),
    ([("proofs.json", '["evals/applied.py", "src/*.py"]', '["evals/applied.py"]')], ['weakens: patterns of the proofs of "applied": removed: [src/*.py]']),
    ([("Makefile", "\tmlcharter check\n", "")], ["weakens: `mlcharter check` in CI: 2 times → 1 time"]),
    ([(".github/workflows/a.yml", "[push]", "[workflow_dispatch]")], ["weakens: events that run mlcharter: removed: [push]"]),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "expected"), BESIDE_AN_UPDATE)
def test_an_update_of_the_template_excuses_only_what_it_changes(
    base: Path, edits: list[Edit], expected: list[str]
) -> None:
    before: list[Edit] = [
        (PACK, "- [ ] `seeds`", f"{_FIRST}- [ ] `seeds`"),
        ("Makefile", "", "check:\n\tmlcharter check\n"),
        (".github/workflows/a.yml", "", "on: [push]\njobs: {a: {steps: [{run: mlcharter check}, {run: make check}]}}\n"),
    ]  # fmt: skip
    found = compare(base, *edits, UPDATE, before=before)

    assert [line for line in lines(found) if line.startswith("weakens")] == expected


def test_who_owned_the_file_at_the_base_approves_what_moves_to_another_file(base: Path) -> None:
    text = FILES[PACK]
    block = text[text.index("<!-- config: gates -->") : text.index("<!-- config: slices -->")]
    moved = block.replace("threshold: 0.9\n", "threshold: 0.5\n")

    found = compare(base, (PACK, block, ""), (OPS, FILES[OPS], FILES[OPS] + moved))

    lowered = next(d for d in found.differences if d.before == "0.9" and d.after == "0.5")
    assert (lowered.path, lowered.owners) == (OPS, ("@acme/fraud",))


def test_a_line_of_codeowners_ends_where_git_ends_it(base: Path) -> None:
    hidden = "# see below\u2028/ops/ @acme/ops"

    assert "weakens: owners of" in "\n".join(
        lines(compare(base, ("CODEOWNERS", "/ops/ @acme/ops", hidden)))
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  decided_on: 2026-11-01\n  rationale: what the rules", "  decided_on: null\n  rationale: what the rules"),
        ("  rationale: what the rules reach", "  rationale: what the rules reach\n  starter: true"),
    ],
    ids=["undecided", "starter"],
)  # fmt: skip
def test_a_proposed_gate_and_one_of_the_starter_weaken_nothing(
    tmp_path: Path, old: str, new: str
) -> None:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text.replace(old, new), encoding="utf-8")
    before = engine.open_charter(Folder(tmp_path), TODAY)
    lower = (tmp_path / PACK).read_text().replace("threshold: 0.9\n", "threshold: 0.7\n")
    after = engine.open_charter(Overlay(Folder(tmp_path), {PACK: lower.encode()}), TODAY)

    assert lines(comparing.compare(before, after, "base")) == [
        'needs a person: gates "recall-min" threshold: 0.9 → 0.7'
    ]


@pytest.mark.parametrize(
    ("before", "effect"),
    [("starter: false\n", "weakens"), ("", "needs a person")],
    ids=["no starter before", "a starter before"],
)
def test_only_the_change_that_removes_the_starter_may_remove_other_parts_of_the_template(
    base: Path, before: str, effect: str
) -> None:
    """`log-contract` is an item of the track rl, which this charter does not have."""
    kept = "- [ ] `log-contract` Logs have a contract.\n"
    answers = FILES[ANSWERS] + before, FILES[ANSWERS] + "starter: false\n"
    packs = FILES[PACK].replace("- [ ] `seeds`", f"{kept}- [ ] `seeds`"), FILES[PACK]
    charters = [
        engine.open_charter(
            Overlay(Folder(base), {ANSWERS: answers[n].encode(), PACK: packs[n].encode()}), TODAY
        )
        for n in range(2)
    ]

    found = lines(comparing.compare(charters[0], charters[1], "base"))
    assert f"{effect}: item `log-contract`: removed: Logs have a contract." in found
