"""Agreement has known answers, both orders show position bias, and a rate is corrected."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from mlcharter.evals import judges
from mlcharter.evals.judges import Comparison

QUICK: Any = {"unit": "item", "seed": 1, "resamples": 60}


def raters(table: list[list[int]], labels: str) -> tuple[list[str], list[str]]:
    """The labels of two raters with these counts."""
    cells = [
        (one, other)
        for one, row in zip(labels, table, strict=True)
        for other, n in zip(labels, row, strict=True)
        for _ in range(n)
    ]
    return [one for one, _ in cells], [other for _, other in cells]


def test_kappa_has_the_textbook_value() -> None:
    # observed 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5
    judge, human = raters([[20, 5], [10, 15]], "yn")

    found = judges.kappa(judge, human, "yn", **QUICK)

    assert found.value == pytest.approx(0.4)
    assert found.lower < 0.4 < found.upper and (found.unit, found.n) == ("item", 50)


def test_ac1_has_the_value_of_its_formula_and_stays_high_where_kappa_falls() -> None:
    # observed 0.944; mean share of y 0.956, by chance 2 * 0.956 * 0.044 = 0.084128
    judge, human = raters([[116, 2], [5, 2]], "yn")

    assert judges.ac1(judge, human, "yn", **QUICK).value == pytest.approx(0.938856, abs=1e-6)
    assert judges.kappa(judge, human, "yn", **QUICK).value < 0.4


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=4, max_size=30),
    st.sampled_from(["nominal", "linear", "quadratic"]),
)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]], weights: Any) -> None:
    # Kappa is undefined if all labels are equal; few resamples may be so.
    judge, human = zip(*pairs, *[(0, 1), (1, 0), (2, 2), (3, 3)] * 8, strict=True)
    theirs = cohen_kappa_score(
        judge, human, labels=range(4), weights=None if weights == "nominal" else weights
    )

    ours = judges.kappa(judge, human, range(4), weights=weights, **QUICK)

    assert ours.value == pytest.approx(theirs)


def test_weights_count_near_misses_less() -> None:
    judge, human = [0, 1, 2, 3] * 5, [1, 1, 2, 3] * 5
    values = {
        weights: judges.kappa(judge, human, range(4), weights=weights, **QUICK).value
        for weights in ("nominal", "linear", "quadratic")
    }

    assert values["nominal"] < values["linear"] < values["quadratic"] < 1


def test_several_labels_of_one_document_are_one_cluster() -> None:
    judge, human = raters([[20, 5], [10, 15]], "yn")
    documents = np.arange(50) // 5

    assert judges.kappa(judge, human, "yn", clusters=documents, **QUICK).n == 10


@pytest.mark.parametrize(
    ("judge", "human", "why"),
    [
        ("yyx", "yyy", r"item 2 has the label 'x', not of yn"),
        ("yy", "yyy", "2 labels of the judge, 3 of people"),
        ("yyy", "yyy", "the statistic is nan on the whole data"),
    ],
)
def test_labels_that_cannot_be_compared_are_refused(judge: str, human: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        judges.kappa(judge, human, "yn", **QUICK)


def compared(pair: int, ab: Any, ba: Any) -> list[Comparison]:
    return [Comparison(pair, "ab", ab), Comparison(pair, "ba", ba)]


def test_both_orders_show_a_judge_that_takes_what_is_first() -> None:
    verdicts = [v for i in range(20) for v in compared(i, "first", "first")]
    verdicts += [v for i in range(20, 40) for v in compared(i, "first", "second")]

    found = judges.both_orders([*verdicts, Comparison("alone", "ab", "tie")], seed=1)

    assert (found.labels[0], found.labels[20], found.incomplete) == ("tie", "a", ("alone",))
    assert (found.flips.value, found.ties.value, found.first_wins.value) == (0.5, 0.5, 0.75)
    assert found.first_wins.lower > 0.6 and found.first_wins.n == 40


def test_answers_that_are_better_give_no_position_bias() -> None:
    verdicts = [v for i in range(30) for v in compared(i, "first", "second")]
    verdicts += [v for i in range(30, 32) for v in compared(i, "first", "first")]

    found = judges.both_orders(verdicts, seed=1)

    assert found.first_wins.value == pytest.approx(34 / 64)


def test_an_order_that_was_judged_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="pair 1 has the order ab twice"):
        judges.both_orders([Comparison(1, "ab", "tie"), Comparison(1, "ab", "first")], seed=1)


def test_the_corrected_rate_has_the_textbook_value() -> None:
    # (0.3 + 0.9 - 1) / (0.8 + 0.9 - 1)
    found = judges.corrected_rate(
        300,
        1000,
        true_positives=80,
        positives=100,
        true_negatives=90,
        negatives=100,
        unit="answer",
    )

    assert found.value == pytest.approx(0.2 / 0.7)
    assert 0 <= found.lower < 0.2 and 0.37 < found.upper < 0.5
    assert (found.method, found.version) == ("clopper-pearson", "rogan-gladen-1")


def test_the_corrected_rate_covers_the_truth_where_the_raw_one_does_not() -> None:
    generator, covered, raw = np.random.default_rng(3), 0, 0
    for _ in range(100):
        flagged = int(generator.binomial(500, 0.1 * 0.8 + 0.9 * 0.1))
        found = judges.corrected_rate(
            flagged,
            500,
            true_positives=int(generator.binomial(80, 0.8)),
            positives=80,
            true_negatives=int(generator.binomial(80, 0.9)),
            negatives=80,
            unit="answer",
        )
        covered += found.lower <= 0.1 <= found.upper
        raw += judges.wilson(flagged, 500, unit="answer").lower <= 0.1

    assert covered >= 95 and raw < 50


def test_a_judge_that_may_be_chance_corrects_nothing() -> None:
    with pytest.raises(ValueError, match="no better than chance; label more items"):
        judges.corrected_rate(
            3, 10, true_positives=4, positives=5, true_negatives=4, negatives=5, unit="answer"
        )
