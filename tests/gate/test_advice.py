"""What would help a gate: the result that was meant, and how many cases it needs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcharter.formats.report import Interval, Key, Result
from mlcharter.gate.advice import cases_needed, nearest_result

AUC: Key = ("auc", "wdbc", "all", None)
PRODUCED: dict[str, list[Key]] = {
    "auc": [AUC, ("auc", "wdbc", "women", None), ("auc", "wdbc", "all", "logreg")],
    "brier": [("brier", "wdbc", "all", None)],
}


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        (("auc", "wdbc", "woman", None), "auc on wdbc, slice all"),
        (("auc", "wdbc", "women", "logreg"), "auc on wdbc, slice women"),
        (("auc", "other", "all", "logreg"), "auc on wdbc, slice all, against logreg"),
        (("brierr", "wdbc", "all", None), "brier on wdbc, slice all"),
        (("recall", "wdbc", "all", None), None),
    ],
)
def test_the_nearest_result_is_of_the_metric_that_was_meant(key: Key, meant: str | None) -> None:
    assert nearest_result(key, PRODUCED) == meant


def test_nothing_is_near_where_nothing_was_produced() -> None:
    assert nearest_result(AUC, {}) is None


def test_of_very_many_results_only_the_first_are_compared() -> None:
    many: list[Key] = [("auc", "wdbc", f"s{n}", None) for n in range(1000)]

    assert nearest_result(("auc", "wdbc", "s199", "x"), {"auc": many}) == "auc on wdbc, slice s199"
    assert nearest_result(("auc", "wdbc", "s200", "x"), {"auc": many}) == "auc on wdbc, slice s0"


def result(value: float, n: int, lower: float, upper: float, method: str = "wilson") -> Result:
    interval = Interval(lower=lower, upper=upper, level=0.95, method=method, unit="row")  # type: ignore[arg-type]
    return Result(
        metric="m", dataset="d", slice="s", against=None, value=value, n=n, interval=interval
    )


# By hand: the lower Wilson bound of 0.95 is 0.8998 in 150 cases and 0.9003 in 152.
def test_the_cases_that_a_proportion_needs_are_those_of_wilsons_interval() -> None:
    needed = cases_needed(result(0.95, 40, 0.83, 0.99), 0.83, 0.9, rising=True)

    assert needed is not None
    assert lower(0.95, needed) > 0.9 >= lower(0.95, needed - 1)


def lower(rate: float, n: int) -> float:
    z = 1.959964
    reach = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return (rate + z * z / (2 * n) - reach) / (1 + z * z / n)


def test_half_the_distance_of_another_interval_needs_four_times_the_cases() -> None:
    assert cases_needed(result(0.97, 171, 0.93, 0.99, "bootstrap"), 0.93, 0.95, rising=True) == 684


def test_a_ceiling_is_reached_from_below() -> None:
    assert cases_needed(result(0.04, 100, 0.02, 0.08, "bootstrap"), 0.08, 0.06, rising=False) == 400


@pytest.mark.parametrize(
    ("value", "threshold"), [(0.90, 0.95), (0.95, 0.95)], ids=["misses", "is the limit"]
)
def test_no_number_of_cases_helps_a_value_that_does_not_pass(
    value: float, threshold: float
) -> None:
    assert cases_needed(result(value, 50, 0.8, 0.97), 0.8, threshold, rising=True) is None


@given(
    rate=st.floats(0, 1),
    threshold=st.floats(0, 1),
    rising=st.booleans(),
    method=st.sampled_from(["wilson", "bootstrap"]),
)
def test_an_answer_is_a_positive_number_that_someone_could_collect(
    rate: float, threshold: float, rising: bool, method: str
) -> None:
    low, high = max(rate - 0.1, 0), min(rate + 0.1, 1)
    end = low if rising else high
    needed = cases_needed(result(rate, 30, low, high, method), end, threshold, rising=rising)

    assert needed is None or 0 < needed <= 2 * 10**7
