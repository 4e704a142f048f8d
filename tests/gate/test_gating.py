"""A gate passes only if its number meets the threshold; everything else fails with a reason."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from mlcharter.formats.models import WaivedUntil
from mlcharter.formats.report import Report
from mlcharter.gate import engine
from mlcharter.gate.verdict import Reason, Verdict
from mlcharter.support import plugins
from mlcharter.support.errors import UserError

TODAY = datetime.date(2026, 12, 1)
DIGEST = "ab" * 32
OTHER = "cd" * 32


@dataclass
class Case:
    """One gate that passes: lower95 of auc is 0.97, the threshold 0.95. Tests change one part."""

    gate: dict[str, Any] = field(default_factory=dict)
    metric: dict[str, Any] = field(default_factory=dict)
    slice: dict[str, Any] = field(default_factory=dict)
    dataset: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    interval: dict[str, Any] | None = field(default_factory=dict)
    ran: dict[str, Any] = field(default_factory=dict)
    slices: list[dict[str, Any]] = field(default_factory=list)
    released: dict[str, Any] | None = None
    release_ran: dict[str, Any] = field(default_factory=dict)
    release_dirty: bool | None = False

    def configs(self) -> dict[str, Any]:
        gate = {
            "id": "auc-overall",
            "metric": "auc",
            "dataset": "wdbc",
            "slice": "all",
            "op": ">=",
            "threshold": 0.95,
            "bound": "lower95",
            "min_n": 100,
            "on_fail": "block",
            "decided_on": datetime.date(2026, 11, 1),
            "rationale": "the review queue doubles",
        }
        metric = {
            "id": "auc",
            "unit": "ratio",
            "direction": "up",
            "method": "bootstrap",
            "resample": "row",
            "produced_by": "evals/applied.py",
        }
        part = {
            "id": "all",
            "dataset": "wdbc",
            "where": "every row",
            "min_n": 50,
            "protected": False,
            "alert": None,
        }
        dataset = {
            "id": "wdbc",
            "uri": "pkg:pypi/scikit-learn#load_breast_cancer",
            "sha256": DIGEST,
            "rows": 569,
            "licence": "CC-BY-4.0",
            "card": "cards/data_wdbc.md",
            "split": {"kind": "stratified", "key": None, "sha256": None},
            "synthetic": 0.0,
        }
        raw = {
            "gates": [gate | self.gate],
            "metrics": [metric | self.metric],
            "slices": [part | self.slice],
            "datasets": [dataset | self.dataset],
        }
        return {kind: convert(kind, value) for kind, value in raw.items()}

    def report(self) -> Report:
        interval = {
            "lower": 0.97,
            "upper": 0.999,
            "level": 0.95,
            "method": "bootstrap",
            "unit": "row",
        }
        result = {
            "metric": "auc",
            "dataset": "wdbc",
            "slice": "all",
            "against": None,
            "value": 0.99,
            "n": 171,
        }
        result["interval"] = None if self.interval is None else interval | self.interval
        ran = [dataset_that_ran() | self.ran]
        return make_report([result | self.result], ran, slices=self.slices)

    def frozen(self) -> dict[str, Report]:
        if self.released is None:
            return {}
        interval = {
            "lower": 0.96,
            "upper": 1.0,
            "level": 0.95,
            "method": "bootstrap",
            "unit": "row",
        }
        result = {
            "metric": "auc",
            "dataset": "wdbc",
            "slice": "all",
            "against": None,
            "value": 0.98,
            "n": 171,
        }
        result["interval"] = interval
        ran = [dataset_that_ran() | self.release_ran]
        return {"applied": make_report([result | self.released], ran, dirty=self.release_dirty)}

    def decide(self) -> Verdict:
        reports = {"reports/applied.json": self.report()}
        (verdict,) = engine.decide(self.configs(), reports, self.frozen(), TODAY)
        return verdict


def dataset_that_ran() -> dict[str, Any]:
    return {"id": "wdbc", "sha256": DIGEST, "rows": 569}


def convert(kind: str, value: Any) -> Any:
    return msgspec.convert(value, plugins.load_one("mlcharter.charter.config", kind).MODEL)


def make_report(
    results: list[dict[str, Any]],
    datasets: list[dict[str, Any]],
    *,
    track: str = "applied",
    dirty: bool | None = False,
    slices: Sequence[dict[str, Any]] = (),
) -> Report:
    run = {
        "command": "python -m evals.applied",
        "commit": "0" * 40,
        "dirty": dirty,
        "seed": 7,
        "started_at": datetime.datetime(2026, 11, 22, 23, tzinfo=datetime.UTC),
        "cpu_seconds": 6.4,
        "python": "3.11.7",
        "packages": {"numpy": "2.4.6"},
    }
    raw = {
        "version": 1,
        "track": track,
        "run": run,
        "datasets": datasets,
        "artifacts": [],
        "slices": list(slices),
        "results": results,
    }
    return msgspec.convert(raw, Report)


NA = {"until": datetime.date(2027, 1, 31), "by": "@lead", "reason": "labels arrive in January"}
RELEASE = {"against": "last-release", "threshold": -0.02}

# A case that fails, its reason, and its message.
FAILURES: dict[str, tuple[Case, str, str]] = {
    "a result that no run produced": (
        Case(result={"slice": "women"}),
        "not-produced",
        "no report has auc on wdbc, slice all; the nearest is auc on wdbc, slice women",
    ),
    "a paired difference that no run recorded": (
        Case(gate={"against": "logreg", "threshold": -0.02}),
        "not-produced",
        "no report has auc on wdbc, slice all, against logreg; "
        "the nearest is auc on wdbc, slice all",
    ),
    "fewer rows than the gate asks for": (
        Case(result={"n": 99}),
        "too-few",
        "n is 99, but must be at least 100",
    ),
    "fewer rows than the slice asks for": (
        Case(slice={"min_n": 172}),
        "too-few",
        "n is 171, but must be at least 172",
    ),
    "no interval": (Case(interval=None), "no-interval", "the report has no interval for auc"),
    "an interval without width": (
        Case(interval={"lower": 0.99, "upper": 0.99}),
        "zero-width",
        "both ends of the interval are 0.99; nothing varied",
    ),
    "an interval that runs backwards": (
        Case(interval={"lower": 0.999, "upper": 0.97}),
        "reversed-interval",
        "the lower end 0.999 of the interval is above the upper end 0.97",
    ),
    "a value above its interval": (
        Case(result={"value": 1.0}),
        "value-outside",
        "the value 1.0 is outside its interval 0.97 to 0.999",
    ),
    "a value below its interval": (
        Case(result={"value": 0.5}),
        "value-outside",
        "the value 0.5 is outside its interval 0.97 to 0.999",
    ),
    "a value that is no number": (
        Case(result={"value": float("nan")}),
        "not-finite",
        "the value is nan",
    ),
    "an endless interval": (
        Case(interval={"upper": float("inf")}),
        "not-finite",
        "the interval is 0.97 to inf",
    ),
    "a threshold that everything passes": (
        Case(gate={"threshold": float("-inf")}),
        "not-finite",
        "the threshold is -inf",
    ),
    "more rows than the dataset has": (
        Case(result={"n": 100_000}),
        "too-many",
        "n is 100000, but wdbc has 569 rows",
    ),
    "more rows than the slice has": (
        Case(slices=[{"dataset": "wdbc", "slice": "all", "unit": "row", "n": 170}]),
        "too-many",
        "n is 171, but the report counts 170 for slice all (unit row)",
    ),
    "a slice with more rows than its dataset": (
        Case(slices=[{"dataset": "wdbc", "slice": "all", "unit": "row", "n": 570}]),
        "too-many",
        "n is 570, but wdbc has 569 rows",
    ),
    "other data": (
        Case(ran={"sha256": OTHER}),
        "digest-differs",
        "the report has digest cdcdcdcdcdcdcdcd, `datasets` has abababababababab",
    ),
    "other rows": (
        Case(ran={"rows": 568}),
        "rows-differ",
        "the report has 568 rows, but `datasets` has 569",
    ),
    "data without a digest": (
        Case(ran={"id": "other"}),
        "dataset-unproven",
        "the report has no digest of wdbc",
    ),
    "another method": (
        Case(interval={"method": "wilson"}),
        "method-differs",
        "the interval uses wilson, but `metrics` has bootstrap",
    ),
    "an interval for what was counted": (
        Case(metric={"method": "exact"}, gate={"bound": "point"}),
        "method-differs",
        "auc is exact, but the report has an interval",
    ),
    "another resampling unit": (
        Case(interval={"unit": "group"}),
        "unit-differs",
        "the interval is over group, but `metrics` has row",
    ),
    "another level": (
        Case(interval={"level": 0.8}),
        "level-differs",
        "the level of the interval is 0.8, not 0.95",
    ),
    "the loose end of the interval": (
        Case(gate={"bound": "upper95"}),
        "loose-bound",
        "with `>=`, use the bound `lower95`, not upper95",
    ),
    "the loose end under a ceiling": (
        Case(gate={"op": "<="}, metric={"direction": "down"}),
        "loose-bound",
        "with `<=`, use the bound `upper95`, not lower95",
    ),
    "the point of an estimate": (
        Case(gate={"bound": "point"}),
        "loose-bound",
        "with `>=`, use the bound `lower95`, not point",
    ),
    "a bound of what was counted": (
        Case(metric={"method": "exact"}),
        "loose-bound",
        "auc is exact and has no interval; use `point`",
    ),
    "a gate that passes when things get worse": (
        Case(gate={"op": "<=", "bound": "upper95", "threshold": 1.0}),
        "wrong-direction",
        "`<=` passes when auc gets worse; its direction is up",
    ),
    "a metric that the document lacks": (
        Case(gate={"metric": "acu"}),
        "unknown-metric",
        "metric acu is not defined in `metrics`",
    ),
    "a dataset that the document lacks": (
        Case(gate={"dataset": "wbdc"}),
        "unknown-dataset",
        "dataset wbdc is not defined in `datasets`",
    ),
    "a slice that the document lacks": (
        Case(gate={"slice": "al"}),
        "unknown-slice",
        "slice al is not defined in `slices`",
    ),
    "a slice of other data": (
        Case(slice={"dataset": "fair"}),
        "slice-of-other-dataset",
        "slice all is of dataset fair, not wdbc",
    ),
    "no released report": (
        Case(gate=RELEASE),
        "no-release",
        "no file matches reports/released/*-applied.json",
    ),
    "a released report without the result": (
        Case(gate=RELEASE, released={"slice": "women"}),
        "not-released",
        "the newest released report has no auc on wdbc, slice all",
    ),
    "a released report from a changed tree": (
        Case(gate=RELEASE, released={}, release_dirty=True),
        "release-dirty",
        "the newest released report is from a tree with uncommitted changes",
    ),
    "a released report on other data": (
        Case(gate=RELEASE, released={}, release_ran={"sha256": OTHER}),
        "release-differs",
        "newest released report: the report has digest cdcdcdcdcdcdcdcd, "
        "`datasets` has abababababababab (digest-differs)",
    ),
    "a released value that is no number": (
        Case(gate=RELEASE, released={"value": float("-inf")}),
        "not-finite",
        "the released value is -inf",
    ),
    "a waiver that has ended": (
        Case(gate={"waived": NA | {"until": datetime.date(2026, 11, 29)}}),
        "waiver-expired",
        "the waiver by @lead expired on 2026-11-29; renew it or remove `waived`",
    ),
}


ROWS = pytest.mark.field(5, "n against the rows of the slice and of the dataset")


@pytest.mark.parametrize(
    ("case", "reason", "why"),
    [
        pytest.param(*failure, id=name, marks=[ROWS] if failure[1] == "too-many" else [])
        for name, failure in FAILURES.items()
    ],
)
def test_a_number_that_cannot_be_compared_fails_with_its_reason(
    case: Case, reason: str, why: str
) -> None:
    verdict = case.decide()

    assert (verdict.verdict, verdict.reason, verdict.why) == ("fail", reason, why)
    assert (verdict.observed, verdict.margin) == (None, None) or reason == "waiver-expired"


@pytest.mark.parametrize(("case", "reason", "why"), FAILURES.values(), ids=FAILURES.keys())
def test_a_gate_with_on_fail_warn_never_blocks(case: Case, reason: str, why: str) -> None:
    case = Case(**{**vars(case), "gate": case.gate | {"on_fail": "warn"}})

    assert (case.decide().verdict, case.decide().reason) == ("warn", reason)


def test_a_passing_verdict_says_what_was_compared() -> None:
    assert Case().decide() == Verdict(
        config="gates",
        gate="auc-overall",
        metric="auc",
        dataset="wdbc",
        slice="all",
        against=None,
        bound="lower95",
        observed=0.97,
        op=">=",
        threshold=0.95,
        margin=0.02,
        verdict="pass",
        reason="holds",
        why="auc on wdbc, slice all, n 171",
        min_n=100,
    )


def test_a_missed_gate_shows_its_rationale() -> None:
    verdict = Case(gate={"threshold": 0.98}).decide()

    assert (verdict.verdict, verdict.reason, verdict.margin) == ("fail", "missed", -0.01)
    assert verdict.why == "auc on wdbc, slice all, n 171; the review queue doubles"


def test_too_few_cases_come_with_the_number_that_would_do() -> None:
    verdict = Case(gate={"threshold": 0.98}, result={"n": 99}).decide()
    wider = Case(
        gate={"threshold": 0.9},
        result={"n": 99, "value": 0.93},
        interval={"lower": 0.88, "upper": 0.97},
    ).decide()

    assert (verdict.verdict, verdict.reason) == ("fail", "too-few")
    assert verdict.why == "n is 99, but must be at least 100"  # of one error nothing follows
    assert wider.why == (
        "n is 99, but must be at least 100; a system at 0.93 needs about 629 cases to pass with "
        "80 % probability"
    )


def test_a_value_that_misses_is_not_blamed_on_the_number_of_cases() -> None:
    verdict = Case(gate={"threshold": 0.995}, result={"n": 99}).decide()

    assert verdict.why == "n is 99, but must be at least 100"


@pytest.mark.parametrize(
    ("op", "direction", "bound", "threshold", "outcome"),
    [
        (">=", "up", "lower95", 0.97, "pass"),
        (">", "up", "lower95", 0.97, "fail"),
        ("<=", "down", "upper95", 0.999, "pass"),
        ("<", "down", "upper95", 0.999, "fail"),
        ("<=", "down", "upper95", 0.98, "fail"),
    ],
)
def test_the_conservative_end_of_the_interval_decides(
    op: str, direction: str, bound: str, threshold: float, outcome: str
) -> None:
    gate = {"op": op, "bound": bound, "threshold": threshold}

    assert Case(gate=gate, metric={"direction": direction}).decide().verdict == outcome


def test_an_exact_count_is_compared_as_a_point() -> None:
    case = Case(
        gate={"op": "<=", "bound": "point", "threshold": 0.0},
        metric={"method": "exact", "direction": "down"},
        result={"value": 0.0},
        interval=None,
    )

    assert (case.decide().verdict, case.decide().margin) == ("pass", 0.0)


@pytest.mark.parametrize(("lower", "outcome"), [(-0.019, "pass"), (-0.021, "fail")])
def test_non_inferiority_is_judged_on_the_recorded_difference(lower: float, outcome: str) -> None:
    """Its interval is a bootstrap of pairs, also where the metric's own is Wilson's."""
    case = Case(
        gate={"against": "logreg", "threshold": -0.02},
        metric={"method": "wilson"},
        result={"against": "logreg", "value": -0.005},
        interval={"lower": lower, "upper": 0.002},
    )

    assert case.decide().verdict == outcome


@pytest.mark.parametrize(("before", "outcome"), [(0.99, "pass"), (0.990001, "fail")])
def test_last_release_compares_with_the_newest_released_value(before: float, outcome: str) -> None:
    verdict = Case(gate=RELEASE, released={"value": before}).decide()

    assert verdict.verdict == outcome
    assert verdict.observed == round(0.97 - before, 9)


@pytest.mark.parametrize("threshold", [0.95, 0.98])
def test_a_waived_verdict_shows_the_date_the_owner_and_the_reason(threshold: float) -> None:
    verdict = Case(gate={"waived": NA, "threshold": threshold}).decide()

    assert (verdict.verdict, verdict.reason) == ("waived", "waived")
    assert verdict.why == "until 2027-01-31 by @lead: labels arrive in January"


def test_a_waiver_is_valid_on_its_last_date() -> None:
    assert Case(gate={"waived": NA | {"until": TODAY}}).decide().verdict == "waived"


def test_one_result_in_two_reports_is_refused() -> None:
    case = Case()
    reports = {"reports/a.json": case.report(), "reports/b.json": case.report()}

    with pytest.raises(UserError) as error:
        engine.decide(case.configs(), reports, {}, TODAY)

    assert error.value.message == (
        "auc on wdbc, slice all is in reports/a.json and in reports/b.json"
    )


@pytest.mark.parametrize("kind", ["gates", "metrics", "slices", "datasets"])
def test_one_id_for_two_entries_is_refused(kind: str) -> None:
    configs = Case().configs()
    configs[kind] = configs[kind] * 2

    with pytest.raises(UserError, match=f"`{kind}` has two entries"):
        engine.decide(configs, {"reports/applied.json": Case().report()}, {}, TODAY)


@pytest.mark.parametrize("gates", [None, []])
def test_a_document_without_gates_is_an_error(gates: Any) -> None:
    with pytest.raises(UserError, match="the eval pack has no gates"):
        engine.decide(Case().configs() | {"gates": gates}, {}, {}, TODAY)


# Properties

numbers = st.integers(-2_000_000, 2_000_000).map(lambda x: x / 1_000_000)
wild = st.floats() | numbers


def mostly(right: Any, *wrong: Any) -> st.SearchStrategy[Any]:
    """Return mostly the right value, so that gates pass and every failure occurs too."""
    return st.integers(0, 7).map(lambda i: wrong[i] if i < len(wrong) else right)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Generate gates and results of every kind, many with one mistake."""
    op = draw(st.sampled_from([">=", ">", "<=", "<"]))
    rising = op.startswith(">")
    exact = draw(st.booleans())
    strict, loose = ("lower95", "upper95") if rising else ("upper95", "lower95")
    lower, value, upper = draw(st.tuples(numbers, numbers, numbers).map(sorted))
    against = draw(st.sampled_from([None, "logreg", "last-release"]))
    measured_against = "logreg" if against == "logreg" else None
    return Case(
        gate={
            "op": op,
            "threshold": draw(numbers | wild),
            "bound": draw(mostly("point" if exact else strict, loose)),
            "against": against,
            "on_fail": draw(st.sampled_from(["block", "warn"])),
            "waived": draw(mostly(None, convert_waived(NA))),
        },
        metric={
            "direction": draw(mostly("up" if rising else "down", "down" if rising else "up")),
            "method": "exact" if exact else "bootstrap",
        },
        result={
            "value": draw(mostly(value, draw(wild))),
            "n": draw(mostly(171, 0, 99)),
            "against": draw(mostly(measured_against, "dummy")),
        },
        interval=None if exact else {"lower": draw(mostly(lower, draw(wild))), "upper": upper},
        released=draw(mostly({"value": 0.5}, None, {"value": float("inf")})),
    )


def convert_waived(raw: dict[str, Any]) -> WaivedUntil:
    return msgspec.convert(raw, WaivedUntil)


@settings(max_examples=250, deadline=None)
@given(cases())
def test_a_gate_never_passes_with_its_bound_on_the_wrong_side(case: Case) -> None:
    verdict = case.decide()

    event(verdict.reason)
    if verdict.verdict == "pass":
        gate = case.gate
        result = case.report().results[0]
        lower, upper = (
            (result.interval.lower, result.interval.upper)
            if result.interval
            else (result.value, result.value)
        )
        before = (
            case.frozen()["applied"].results[0].value if gate["against"] == "last-release" else 0
        )
        worst = (lower if gate["op"].startswith(">") else upper) - before
        slack = 1e-9 if before else 0
        if gate["op"].startswith(">"):
            assert worst >= gate["threshold"] - slack
        else:
            assert worst <= gate["threshold"] + slack


@settings(max_examples=250, deadline=None)
@given(cases(), numbers)
def test_a_stricter_threshold_never_turns_a_failure_into_a_pass(case: Case, other: float) -> None:
    rising = case.gate["op"].startswith(">")
    before = case.decide()
    threshold = case.gate["threshold"]
    stricter = max(threshold, other) if rising else min(threshold, other)
    after = Case(**{**vars(case), "gate": case.gate | {"threshold": stricter}}).decide()

    # A threshold that is not finite fails, so any finite one may pass.
    if before.verdict in ("fail", "warn") and before.reason != "not-finite":
        assert after.verdict == before.verdict


@settings(deadline=None)
@given(cases())
def test_a_margin_has_the_sign_of_the_verdict(case: Case) -> None:
    verdict = case.decide()

    if verdict.reason == "holds":
        assert verdict.margin is not None and verdict.margin >= 0
    elif verdict.reason == "missed":
        assert verdict.margin is not None and verdict.margin <= 0


def test_a_verdict_shows_n_and_the_size_of_the_slice() -> None:
    part = {"dataset": "wdbc", "slice": "all", "unit": "row", "n": 300}
    assert Case(slices=[part]).decide().why == "auc on wdbc, slice all, n 171 of 300"


@pytest.mark.field(5, "repeats of a row")
def test_repeats_may_be_more_than_the_rows() -> None:
    case = Case(metric={"resample": "group"}, interval={"unit": "group"}, result={"n": 5000})
    assert case.decide().reason == "holds"


def test_every_reason_has_a_test() -> None:
    """A reason without a test is unused or untested."""
    reached = {reason for _, reason, _ in FAILURES.values()} | {"holds", "missed", "waived"}
    # of test_gate_kinds.py, and of test_inputs.py, test_importers.py, …
    of_other_configs = {"expired", "one-order", "needs-labels", "insufficient-support"}
    of_files = {"stale", "needs-cases", "invalid-score"}

    assert reached | of_other_configs | of_files == set(get_args(Reason))
