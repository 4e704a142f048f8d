"""Each limit of the other config blocks that decide a merge is met once and missed once."""

import datetime
from typing import Any

import msgspec
import pytest

from mlcharter.formats.report import Report
from mlcharter.gate import engine
from mlcharter.gate.verdict import Verdict
from mlcharter.support import plugins

TODAY = datetime.date(2026, 12, 1)
DIGEST = "ab" * 32
OTHER = "cd" * 32
NA = {"until": datetime.date(2027, 1, 31), "by": "@lead", "reason": "labels arrive in January"}

Row = tuple[str, str, str]


def convert(kind: str, value: Any) -> Any:
    return msgspec.convert(value, plugins.load_one("mlcharter.charter.config", kind).MODEL)


def metric(id: str, direction: str, method: str = "bootstrap", unit: str = "episode") -> Any:
    common = {"unit": "ratio", "produced_by": "evals/rl.py"}
    return {"id": id, "direction": direction, "method": method, "resample": unit, **common}


def slice_(id: str, dataset: str) -> Any:
    return {
        "id": id,
        "dataset": dataset,
        "where": "all",
        "min_n": 10,
        "protected": False,
        "alert": None,
    }


def dataset(id: str, sha256: str = DIGEST) -> Any:
    return {
        "id": id,
        "uri": "data/x.jsonl",
        "sha256": sha256,
        "rows": 100,
        "licence": "CC0-1.0",
        "card": "cards/x.md",
        "split": {"kind": "none", "key": None, "sha256": None},
        "synthetic": 0.0,
    }


def result(
    metric: str,
    where: str,
    value: float,
    ends: tuple[float, float] | None = None,
    *,
    against: str | None = None,
    n: int = 100,
    unit: str = "episode",
) -> Any:
    """`where` is dataset/slice."""
    interval = None
    if ends is not None:
        interval = {"lower": ends[0], "upper": ends[1], "level": 0.95}
        interval |= {"method": "bootstrap", "unit": unit}
    data, part = where.split("/")
    names = {"metric": metric, "dataset": data, "slice": part, "against": against}
    return {**names, "value": value, "n": n, "interval": interval}


def report(datasets: dict[str, str], results: list[Any]) -> Report:
    run = {
        "command": "python -m evals.x",
        "commit": None,
        "dirty": None,
        "seed": 7,
        "started_at": datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC),
        "cpu_seconds": 1.0,
        "python": "3.11.7",
        "packages": {},
    }
    ran = [{"id": id, "sha256": sha256, "rows": 100} for id, sha256 in datasets.items()]
    content = {"version": 1, "track": "x", "run": run, "datasets": ran, "artifacts": []}
    return msgspec.convert({**content, "results": results}, Report)


NEEDED = {
    "id": "needed",
    "metric": "m",
    "dataset": "d",
    "slice": "s",
    "op": ">=",
    "threshold": 0,
    "bound": "point",
    "min_n": 1,
    "on_fail": "warn",
    "decided_on": TODAY,
    "rationale": "a document has a gate",
}


def decide(configs: dict[str, Any], datasets: dict[str, str], results: list[Any]) -> list[Row]:
    """Return the verdicts on all but the one gate that a document must have."""
    whole = {kind: convert(kind, value) for kind, value in ({"gates": [NEEDED]} | configs).items()}
    read = {"reports/x.json": report(datasets, results)}
    _, *others = engine.decide(whole, read, {}, TODAY)
    return [row(verdict) for verdict in others]


def row(verdict: Verdict) -> Row:
    return verdict.gate, verdict.verdict, verdict.reason


@pytest.mark.field(1, "a stale report in every kind of gate")
def test_a_stale_report_fails_every_kind_of_gate() -> None:
    ran = {"golden": DIGEST, "corpus": OTHER}
    counts = [result("questions", f"golden/{kind}", 1) for kind in ("answerable", "near", "far")]
    configs = {"gates": [NEEDED], "golden": GOLDEN}
    whole = {kind: convert(kind, value) for kind, value in configs.items()}
    stale = {"reports/x.json": "`a.py` changed since the eval ran; run `make eval`"}

    found = engine.decide(whole, {"reports/x.json": report(ran, counts)}, {}, TODAY, stale)

    assert [row(verdict) for verdict in found[1:]] == [
        ("golden/file", "fail", "stale"),
        ("golden/corpus", "fail", "stale"),
        ("golden/expires", "pass", "holds"),
        *((f"golden/{kind}", "fail", "stale") for kind in ("answerable", "near", "far")),
    ]
    assert found[1].why == f"reports/x.json is stale: {stale['reports/x.json']}"


# Golden questions

GOLDEN = {
    "file": "data/rag/golden.jsonl",
    "sha256": DIGEST,
    "corpus": "data/rag/corpus",
    "corpus_sha256": OTHER,
    "answerable": 60,
    "near": 20,
    "far": 10,
    "annotators": 1,
    "expires": TODAY,
}
COUNTS = [
    result("questions", "handbook-golden/answerable", 60),
    result("questions", "handbook-golden/near", 20),
    result("questions", "handbook-golden/far", 10),
]
RAN = {"handbook": OTHER, "handbook-golden": DIGEST}
GOLDEN_ROWS = ["file", "corpus", "expires", "answerable", "near", "far"]


def golden(
    changes: dict[str, Any], ran: dict[str, str] = RAN, results: list[Any] = COUNTS
) -> dict[str, Any]:
    """Return the verdicts on the golden config block that are not `holds`."""
    rows = decide({"golden": GOLDEN | changes}, ran, results)
    assert [name for name, _, _ in rows] == [f"golden/{name}" for name in GOLDEN_ROWS]
    return {name.removeprefix("golden/"): (v, why) for name, v, why in rows if why != "holds"}


def test_golden_questions_are_valid_on_their_last_date() -> None:
    assert golden({}) == {}


def test_the_margin_of_a_count_is_never_positive() -> None:
    read = {"reports/x.json": report(RAN, COUNTS)}
    gates = convert("gates", [NEEDED])
    counted = {"golden": convert("golden", GOLDEN | {"near": 23})}
    found = {v.gate: v for v in engine.decide({"gates": gates} | counted, read, {}, TODAY)}

    assert [str(found[f"golden/{kind}"].margin) for kind in ("far", "near")] == ["0.0", "-3.0"]


def test_golden_questions_expire() -> None:
    before = TODAY - datetime.timedelta(days=2)

    assert golden({"expires": before}) == {"expires": ("fail", "expired")}


def test_the_number_of_golden_questions_must_match() -> None:
    assert golden({"near": 21}) == {"near": ("fail", "missed")}
    assert golden({"far": 9}) == {"far": ("fail", "missed")}
    assert golden({}, results=COUNTS[1:]) == {"answerable": ("fail", "not-produced")}


def test_the_corpus_of_the_golden_questions_must_match() -> None:
    assert golden({"corpus_sha256": "ef" * 32}) == {"corpus": ("fail", "digest-differs")}


def test_another_golden_file_does_not_count() -> None:
    assert golden({"sha256": "ef" * 32}) == {
        "file": ("fail", "digest-differs"),
        "answerable": ("fail", "not-produced"),
        "near": ("fail", "not-produced"),
        "far": ("fail", "not-produced"),
    }


def test_golden_questions_can_be_waived_as_a_whole() -> None:
    found = golden({"waived": NA, "near": 21})

    assert [found[name] for name in GOLDEN_ROWS] == [("waived", "waived")] * 6


# Judges

JUDGE = {
    "id": "judge",
    "model": "vendor/model-2026-10",
    "prompt": "data/rag/prompts/judge.md",
    "mode": "pairwise",
    "both_orders": True,
    "anchors": "data/rag/anchors.jsonl",
    "min_pairs": 80,
    "agreement": "kappa",
    "floor": 0.6,
    "bound": "lower95",
    "audit_n": 50,
    "cadence_days": 90,
}
JUDGED = {
    "metrics": [
        metric("judge-both-orders", "up", "exact", "pair"),
        metric("judge-kappa", "up", unit="pair"),
    ],
    "slices": [slice_("verdicts", "handbook-verdicts"), slice_("audited", "handbook-verdicts")],
    "datasets": [dataset("handbook-verdicts")],
}


def judge(
    changes: dict[str, Any],
    orders: dict[str, Any] | None = None,
    kappa: dict[str, Any] | None = None,
) -> list[Row]:
    results = [
        result("judge-both-orders", "handbook-verdicts/verdicts", 1.0) | (orders or {}),
        result("judge-kappa", "handbook-verdicts/audited", 0.7, (0.61, 0.8), unit="pair")
        | (kappa or {}),
    ]
    return decide(JUDGED | {"judges": [JUDGE | changes]}, {"handbook-verdicts": DIGEST}, results)


def judged(orders: tuple[str, str], agreement: tuple[str, str]) -> list[Row]:
    return [("judges/judge-both-orders", *orders), ("judges/judge-agreement", *agreement)]


HOLDS = ("pass", "holds")


def test_a_judge_within_its_limits_passes() -> None:
    assert judge({}) == judged(HOLDS, HOLDS)


def test_a_judge_must_see_every_pair_in_both_orders() -> None:
    assert judge({}, orders={"value": 0.99}) == judged(("fail", "missed"), HOLDS)
    assert judge({"both_orders": False}) == judged(("fail", "one-order"), HOLDS)
    assert judge({}, orders={"metric": "other"}) == judged(("fail", "not-produced"), HOLDS)


def test_a_judge_must_see_enough_pairs() -> None:
    assert judge({"min_pairs": 101}) == judged(("fail", "too-few"), HOLDS)
    assert judge({"audit_n": 101}) == judged(HOLDS, ("fail", "too-few"))


def test_the_bound_of_the_agreement_of_a_judge_decides() -> None:
    assert judge({"floor": 0.65}) == judged(HOLDS, ("fail", "missed"))
    assert judge({"bound": "point"}) == judged(HOLDS, ("fail", "loose-bound"))


def test_a_judge_without_labels_of_people_is_never_green() -> None:
    assert judge({"agreement": "alpha"}) == judged(HOLDS, ("fail", "needs-labels"))


def test_a_pointwise_judge_needs_no_second_order() -> None:
    assert judge({"mode": "pointwise"}) == judged(HOLDS, HOLDS)[1:]


def test_a_judge_can_be_waived() -> None:
    assert judge({"waived": NA, "floor": 0.9}) == judged(("waived", "waived"), ("waived", "waived"))


# Off-policy evaluation

OPE = {
    "log": "quay-log",
    "propensity": "logged",
    "estimators": ["ips", "dr", "fqe"],
    "resample": "episode",
    "resamples": 1000,
    "min_ess_ratio": 0.2,
    "max_weight": 50,
    "max_disagreement": 0.1,
    "go": {
        "metric": "value-dr",
        "against": "behaviour",
        "op": ">=",
        "threshold": 0.02,
        "bound": "lower95",
    },
    "decided_on": TODAY,
    "canary_not_before": None,
}
LOG = "quay-log/later-half"
ESTIMATED = {
    "metrics": [
        metric("ess-ratio", "up"),
        metric("largest-weight", "down", "exact"),
        metric("estimator-disagreement", "down"),
        *(metric(f"value-{name}", "up") for name in ("ips", "dr", "wdr", "fqe")),
    ],
    "slices": [slice_("later-half", "quay-log")],
    "datasets": [dataset("quay-log")],
}
ESTIMATES: dict[str, Any] = {
    "ess": result("ess-ratio", LOG, 0.4, (0.3, 0.5)),
    "weight": result("largest-weight", LOG, 12.0),
    "disagreement": result("estimator-disagreement", LOG, 0.03, (0.01, 0.08)),
    "ips": result("value-ips", LOG, 0.3, (0.2, 0.4)),
    "dr": result("value-dr", LOG, 0.3, (0.25, 0.35)),
    "fqe": result("value-fqe", LOG, 0.3, (0.28, 0.32)),
    "go": result("value-dr", LOG, 0.06, (0.03, 0.09), against="behaviour"),
}
OPE_ROWS = ["ess-ratio", "largest-weight", "estimator-disagreement", "estimators", "go"]
INSUFFICIENT = ("fail", "insufficient-support")


def ope(changes: dict[str, Any], **results: Any) -> dict[str, Any]:
    """Return the verdicts on the OPE config block that are not `holds`."""
    configs = ESTIMATED | {"ope": OPE | changes}
    rows = decide(configs, {"quay-log": DIGEST}, list((ESTIMATES | results).values()))
    assert [name for name, _, _ in rows] == [f"ope/{name}" for name in OPE_ROWS]
    return {name.removeprefix("ope/"): (v, why) for name, v, why in rows if why != "holds"}


def test_an_estimate_within_its_limits_is_go() -> None:
    assert ope({}) == {}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"min_ess_ratio": 0.35}, "ess-ratio"),
        ({"max_weight": 11}, "largest-weight"),
        ({"max_disagreement": 0.05}, "estimator-disagreement"),
    ],
)
def test_an_estimate_outside_a_limit_is_no_go(changes: dict[str, Any], name: str) -> None:
    assert ope(changes) == {name: INSUFFICIENT, "go": INSUFFICIENT}


def test_an_interval_without_width_is_insufficient_support() -> None:
    """A log without a reward under the target policy gives [0, 0], which looks certain."""
    flat = result("value-ips", LOG, 0.0, (0.0, 0.0))
    sure = result("value-dr", LOG, 0.06, (0.06, 0.06), against="behaviour")

    assert ope({}, ips=flat) == {"estimators": INSUFFICIENT, "go": INSUFFICIENT}
    assert ope({}, go=sure) == {"go": INSUFFICIENT}


def test_an_estimator_that_did_not_run_fails() -> None:
    config = {"estimators": ["ips", "dr", "fqe", "wdr"]}

    assert ope(config) == {"estimators": ("fail", "not-produced"), "go": INSUFFICIENT}


def test_a_missed_go_is_not_insufficient_support() -> None:
    little = result("value-dr", LOG, 0.03, (0.01, 0.05), against="behaviour")

    assert ope({}, go=little) == {"go": ("fail", "missed")}


def test_a_missing_baseline_is_no_go() -> None:
    other = result("value-dr", LOG, 0.06, (0.03, 0.09), against="dummy")

    assert ope({}, go=other) == {"go": ("fail", "not-produced")}


def test_support_on_another_slice_does_not_count() -> None:
    configs = ESTIMATED | {"ope": OPE}
    configs["slices"] = [*ESTIMATED["slices"], slice_("early-half", "quay-log")]
    elsewhere = result("ess-ratio", "quay-log/early-half", 0.4, (0.3, 0.5))
    results = list((ESTIMATES | {"ess": elsewhere}).values())
    rows = decide(configs, {"quay-log": DIGEST}, results)

    assert rows[0] == ("ope/ess-ratio", "fail", "not-produced")
    assert rows[4] == ("ope/go", *INSUFFICIENT)


def test_each_slice_of_go_has_its_own_limits() -> None:
    configs = ESTIMATED | {"ope": OPE}
    configs["slices"] = [*ESTIMATED["slices"], slice_("early-half", "quay-log")]
    early = [{**r, "slice": "early-half"} for r in ESTIMATES.values()]
    results = [*ESTIMATES.values(), *(r for r in early if r["metric"] != "largest-weight")]
    rows = decide(configs, {"quay-log": DIGEST}, results)

    assert [name for name, verdict, _ in rows if verdict == "fail"] == [
        "ope/largest-weight-early-half",
        "ope/go-early-half",
    ]
    assert len(rows) == 10


def test_an_interval_over_steps_instead_of_episodes_fails() -> None:
    configs = ESTIMATED | {"ope": OPE}
    configs["metrics"] = [
        *(m for m in ESTIMATED["metrics"] if m["id"] != "value-fqe"),
        metric("value-fqe", "up", unit="row"),
    ]
    fqe = result("value-fqe", LOG, 0.3, (0.28, 0.32), unit="row")
    results = list((ESTIMATES | {"fqe": fqe}).values())
    rows = decide(configs, {"quay-log": DIGEST}, results)

    assert rows[3:] == [("ope/estimators", "fail", "unit-differs"), ("ope/go", *INSUFFICIENT)]


def test_another_log_fails_with_digest_differs() -> None:
    rows = decide(ESTIMATED | {"ope": OPE}, {"quay-log": OTHER}, list(ESTIMATES.values()))

    assert rows == [(f"ope/{name}", "fail", "digest-differs") for name in OPE_ROWS]


def test_an_estimate_can_be_waived_as_a_whole() -> None:
    found = ope({"waived": NA, "max_weight": 11})

    assert [found[name] for name in OPE_ROWS] == [("waived", "waived")] * 5


# Rollout of a policy

ROLLOUT = {
    "steps": [
        {"weight": 5, "bake": "1d", "abort_alert": "rl-violation-rate"},
        {"weight": 100, "bake": "7d", "abort_alert": "rl-violation-rate"},
    ],
    "exploration_max": 0.3,
    "violation_ceiling": 0.05,
    "alpha": 0.05,
    "test": "e-process",
    "kill_switch": {"command": "make rollback", "max_delay_episodes": 150},
    "taxonomy": ["fell-into-water"],
}
STREAMED = {
    "metrics": [
        metric(name, "down")
        for name in ("violation-rate", "exploration", "kill-false-trip", "kill-delay")
    ],
    "slices": [slice_(name, "quay-table") for name in ("canary", "at-ceiling", "at-4x")],
    "datasets": [dataset("quay-table")],
}
STREAMS = [
    result("violation-rate", "quay-table/canary", 0.01, (0.0, 0.02)),
    result("exploration", "quay-table/canary", 0.2, (0.19, 0.21)),
    result("kill-false-trip", "quay-table/at-ceiling", 0.04, (0.03, 0.049)),
    result("kill-delay", "quay-table/at-4x", 90, (80, 120)),
    result("kill-delay", "quay-table/at-2x", 400, (380, 420)),
]


def rollout(changes: dict[str, Any], configs: dict[str, Any] = STREAMED) -> list[Row]:
    """Return the verdicts on the rollout that are not `holds`. The slice at-2x is undefined."""
    rows = decide(configs | {"rl_rollout": ROLLOUT | changes}, {"quay-table": DIGEST}, STREAMS)
    return [row for row in rows if row[2] != "holds"]


def test_a_rollout_within_its_limits_passes() -> None:
    assert rollout({}) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"violation_ceiling": 0.015}, "violation-rate"),
        ({"exploration_max": 0.2}, "exploration"),
        ({"alpha": 0.045}, "kill-false-trip"),
        ({"kill_switch": ROLLOUT["kill_switch"] | {"max_delay_episodes": 100}}, "kill-delay"),
    ],
)
def test_the_limits_of_a_rollout_come_from_the_document(changes: dict[str, Any], name: str) -> None:
    assert rollout(changes) == [(f"rl_rollout/{name}", "fail", "missed")]


def test_a_limit_must_pass_on_every_slice_of_the_document() -> None:
    declared = STREAMED | {"slices": [*STREAMED["slices"], slice_("at-2x", "quay-table")]}

    assert rollout({}, declared) == [("rl_rollout/kill-delay-at-2x", "fail", "missed")]


def test_limits_of_the_kill_switch_are_decided_only_if_the_document_measures_them() -> None:
    kept = [m for m in STREAMED["metrics"] if not m["id"].startswith("kill-")]

    strict = {"alpha": 0.001, "kill_switch": ROLLOUT["kill_switch"] | {"max_delay_episodes": 1}}
    assert rollout(strict, STREAMED | {"metrics": kept}) == []


def test_a_limit_without_a_measurement_fails() -> None:
    undeclared = STREAMED | {"slices": [s for s in STREAMED["slices"] if s["id"] != "canary"]}

    assert rollout({}, undeclared) == [
        ("rl_rollout/violation-rate", "fail", "not-produced"),
        ("rl_rollout/exploration", "fail", "not-produced"),
    ]
