"""The threshold follows from two costs, and the curve shows what abstaining buys."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcharter.evals.answers import abstention

COST = st.floats(0.1, 20)


@pytest.mark.parametrize(("wrong", "silence", "expected"), [(1, 1, 0.5), (9, 1, 0.9), (1, 4, 0.2)])
def test_the_threshold_is_the_share_of_the_cost_of_a_wrong_answer(
    wrong: float, silence: float, expected: float
) -> None:
    assert abstention.find_threshold(wrong=wrong, silence=silence) == pytest.approx(expected)


@pytest.mark.parametrize(("wrong", "silence"), [(0, 1), (1, 0), (float("nan"), 1)])
def test_a_cost_that_is_not_above_0_gives_no_threshold(wrong: float, silence: float) -> None:
    with pytest.raises(ValueError, match="costs are above 0"):
        abstention.find_threshold(wrong=wrong, silence=silence)


@settings(max_examples=20, deadline=None)
@given(COST, COST, st.integers(0, 2**32))
def test_no_other_threshold_costs_less_if_confidence_is_the_probability(
    wrong: float, silence: float, seed: int
) -> None:
    p = np.random.default_rng(seed).random(500)
    best = abstention.find_threshold(wrong=wrong, silence=silence)

    def expected_cost(threshold: float) -> float:
        shown = p >= threshold
        ends = [
            abstention.find_costs(np.full(500, right), shown, wrong=wrong, silence=silence)
            for right in (True, False)
        ]
        return float((p * ends[0] + (1 - p) * ends[1]).sum())

    costs = [expected_cost(threshold) for threshold in np.linspace(0, 1, 21)]
    assert expected_cost(best) <= min(costs) + 1e-9
    assert expected_cost(best) <= 0  # never to answer


def test_a_shown_answer_costs_or_saves_and_a_withheld_one_makes_no_difference() -> None:
    costs = abstention.find_costs([1, 0, 1, 0], [1, 1, 0, 0], wrong=5, silence=2)
    assert costs.tolist() == [-2, 5, 0, 0]


def test_the_curve_of_five_questions_is_the_one_worked_out_by_hand() -> None:
    curve = abstention.trace_risk([1, 0, 1, 0, 1], [0.9, 0.4, 0.7, 0.2, 0.7])

    assert curve.threshold.tolist() == [0.9, 0.7, 0.4, 0.2]
    assert curve.coverage.tolist() == [0.2, 0.6, 0.8, 1.0]
    assert curve.risk.tolist() == [0, 0, 0.25, 0.4]
    assert curve.area == pytest.approx(0.2 * 0.25 + 0.2 * 0.4)
    assert [curve.at(threshold) for threshold in (0.95, 0.7, 0.5, 0)] == [
        *((0, 0), (0.6, 0), (0.6, 0)),
        (1, pytest.approx(0.4)),
    ]


def test_confidence_that_says_nothing_has_the_overall_risk_as_its_area() -> None:
    assert abstention.trace_risk([1, 0, 0, 1, 1], [0.5] * 5).area == pytest.approx(0.4)
    random = np.random.default_rng(1)
    right = random.random(20_000) < 0.7
    assert abstention.trace_risk(right, random.random(20_000)).area == pytest.approx(0.3, abs=0.02)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.5, 0.9])), min_size=1))
def test_the_last_point_answers_everything(rows: list[tuple[bool, float]]) -> None:
    right, confidence = zip(*rows, strict=True)
    curve = abstention.trace_risk(right, confidence)
    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == pytest.approx(1 - sum(right) / len(rows))
    assert (np.diff(curve.coverage) > 0).all()
    assert (np.diff(curve.threshold) < 0).all()


@pytest.mark.parametrize(("right", "confidence"), [([], []), ([1], [0.1, 0.2]), ([[1]], [[0.1]])])
def test_questions_without_a_confidence_each_are_refused(right: list, confidence: list) -> None:
    with pytest.raises(ValueError, match="have shape"):
        abstention.trace_risk(right, confidence)
