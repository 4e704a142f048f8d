"""Labels of preferences, the reward that is learned from them, and what its optimisation earns."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from mlcharter.evals import preferences
from mlcharter.evals.preferences import Labels, best_of, bradley_terry
from mlcharter.evals.preferences.bradley_terry import Model

ITEMS = ["a", "b", "c", "d"]


def labels(*rows: tuple[str, str, str, str]) -> Labels:
    """Labels from rows of first, second, preferred and rater."""
    return Labels(pd.DataFrame(rows, columns=list(preferences.COLUMNS)), ITEMS)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("a", "z", "first", "r"), "`second` is no item with features in 1 rows, first in row 1"),
        (
            ("a", "a", "first", "r"),
            "`second` is the same item as `first` in 1 rows, first in row 1",
        ),
        (
            ("a", "b", "a", "r"),
            "`preferred` is neither `first` nor `second` in 1 rows, first in row 1",
        ),
        (("a", "b", "first", None), "`rater` is missing in 1 rows, first in row 1"),
    ],
)
def test_what_breaks_the_contract_is_named_with_column_and_row(
    row: tuple[str, str, str, str], problem: str
) -> None:
    with pytest.raises(preferences.ContractError) as raised:
        labels(("a", "b", "first", "r"), row)

    assert raised.value.problems == [problem]


def test_columns_that_are_missing_and_a_table_without_rows_are_problems() -> None:
    table = pd.DataFrame({"first": ["a"], "second": ["b"], "preferred": ["first"]})

    assert preferences.find_problems(table, ITEMS) == ["there is no column `rater`"]
    empty = pd.DataFrame(columns=list(preferences.COLUMNS))
    assert preferences.find_problems(empty, ITEMS) == ["there are no labels"]


def test_a_pair_is_the_same_in_both_orders() -> None:
    found = labels(("a", "b", "first", "r"), ("b", "a", "first", "s"), ("c", "b", "second", "r"))

    assert found.pair.tolist() == [0, 0, 1]
    assert found.chose_lower.tolist() == [True, False, True]


def test_a_split_keeps_pairs_on_one_side_and_drops_those_on_both() -> None:
    all_ = labels(("a", "b", "first", "r"), ("c", "d", "first", "r"), ("b", "c", "first", "r"))

    earlier, later = all_.split(["a", "b"])

    assert earlier.table["first"].tolist() == ["a"]
    assert later.table["first"].tolist() == ["c"]
    assert (earlier.items, later.items) == (["a", "b"], ["c", "d"])
    with pytest.raises(ValueError, match="no pair has two other items"):
        all_.split(ITEMS)


def test_raters_agree_by_item_and_not_by_position() -> None:
    """Two raters prefer a to b, shown in different orders; on c and d they disagree."""
    found = labels(
        ("a", "b", "first", "r"),
        ("b", "a", "second", "s"),
        ("c", "d", "first", "r"),
        ("c", "d", "second", "s"),
    )

    assert found.agreement(seed=1).value == pytest.approx(0.0)  # (1 - 1) / 2


def test_three_raters_of_a_pair_have_three_couples() -> None:
    same = [("c", "d", "first", rater) for rater in "rst"]
    split = [("a", "b", "first", "r"), ("a", "b", "first", "s"), ("a", "b", "second", "t")]

    found = labels(*same, *split).agreement(seed=1)

    assert found.value == pytest.approx((1 + (2 / 3 - 1)) / 2)
    assert (found.n, found.unit) == (2, "pair")


def test_a_label_that_a_rater_repeats_is_no_agreement_with_others() -> None:
    repeated = [("a", "b", "first", "r"), ("b", "a", "second", "r"), ("c", "d", "first", "r")]

    with pytest.raises(ValueError, match="fewer than two pairs were labelled twice"):
        labels(*repeated).agreement(seed=1)


def test_consistency_is_of_one_rater_with_themselves() -> None:
    found = labels(
        *[("a", "b", "first", "r"), ("b", "a", "second", "r")],
        *[("a", "b", "second", "s"), ("a", "b", "second", "s")],
        *[("c", "d", "first", "r"), ("c", "d", "second", "r")],
    )

    assert found.consistency(seed=1).value == pytest.approx((1 + 1 - 1) / 3)


@pytest.mark.parametrize(("firsts", "expected"), [(3, 0.5), (1, 0.5), (2, 0.0)])
def test_position_bias_is_the_same_to_either_side(firsts: int, expected: float) -> None:
    pairs = list(itertools.combinations(ITEMS, 2))[:4]
    rows = [(a, b, "first" if i < firsts else "second", "r") for i, (a, b) in enumerate(pairs)]

    found = labels(*rows).position_bias(seed=1)

    assert found.value == pytest.approx(expected)
    assert 0 <= found.lower <= found.value <= found.upper <= 1


def simulated(n: int, seed: int, weights: tuple[float, ...]) -> tuple[pd.DataFrame, Labels]:
    """Items with normal features of different units, and labels of the model with `weights`."""
    generator = np.random.default_rng(seed)
    names = [f"i{k:05}" for k in range(2 * n)]
    drawn = generator.normal(size=(2 * n, len(weights))) * np.array([1.0, 100.0])
    features = pd.DataFrame(drawn, index=names, columns=["x", "y"])
    margin = (drawn[:n] - drawn[n:]) @ np.array(weights)
    first = generator.random(n) < 1 / (1 + np.exp(-margin))
    chosen = np.where(first, "first", "second")
    table = pd.DataFrame({"first": names[:n], "second": names[n:], "preferred": chosen})
    return features, Labels(table.assign(rater="r"), names)


def test_the_weights_of_the_raters_are_found() -> None:
    features, told = simulated(20_000, 3, (1.0, -0.02))

    found = bradley_terry.fit(features, told)

    assert found.weights == pytest.approx({"x": 1.0, "y": -0.02}, rel=0.05)


def test_the_model_is_logistic_regression_on_differences() -> None:
    features, told = simulated(200, 4, (1.0, -0.02))
    differences = features.to_numpy()[:200] - features.to_numpy()[200:]
    scale = np.sqrt((differences**2).mean(axis=0))
    reference = LogisticRegression(fit_intercept=False, tol=1e-10)
    reference.fit(differences / scale, told.chose_first)

    found = bradley_terry.fit(features, told)

    assert list(found.weights.values()) == pytest.approx(reference.coef_[0] / scale, rel=1e-4)


def test_the_order_in_which_items_are_shown_changes_nothing() -> None:
    features, told = simulated(300, 5, (1.0, -0.02))
    swapped = told.table.rename(columns={"first": "second", "second": "first"})
    chosen = swapped["preferred"].map({"first": "second", "second": "first"})

    again = bradley_terry.fit(features, Labels(swapped.assign(preferred=chosen), told.items))

    assert again.weights == pytest.approx(bradley_terry.fit(features, told).weights)


def test_a_feature_that_never_differs_is_an_error() -> None:
    features, told = simulated(50, 6, (1.0, -0.02))

    with pytest.raises(ValueError, match="`y` is the same in both items"):
        bradley_terry.fit(features.assign(y=1.0), told)


def test_the_true_model_is_as_accurate_as_the_raters_are_certain_and_calibrated() -> None:
    features, told = simulated(4_000, 7, (1.0, -0.02))
    true = Model({"x": 1.0, "y": -0.02})
    certain = np.abs(true.probabilities(features, told) - 0.5).mean() + 0.5

    accuracy = bradley_terry.accuracy(true, features, told, seed=1)
    error = bradley_terry.calibration_error(true, features, told, seed=1)

    assert accuracy.lower <= certain <= accuracy.upper
    assert error.value < 0.03


def test_a_model_that_is_too_sure_ranks_as_well_and_is_not_calibrated() -> None:
    features, told = simulated(1_000, 8, (1.0, -0.02))
    true, sure = Model({"x": 1.0, "y": -0.02}), Model({"x": 5.0, "y": -0.1})

    same = [bradley_terry.accuracy(m, features, told, seed=1).value for m in (true, sure)]

    assert same[0] == same[1]
    assert bradley_terry.calibration_error(sure, features, told, seed=1).lower > 0.05


def test_a_model_without_an_opinion_is_right_half_of_the_time() -> None:
    features, told = simulated(50, 9, (1.0, -0.02))

    assert bradley_terry.accuracy(Model({"x": 0.0, "y": 0.0}), features, told, seed=1).value == 0.5


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_best_of_n_is_the_mean_over_all_subsets(n: int) -> None:
    proxy, gold = np.array([3.0, 1.0, 2.0, 2.0, 0.0]), np.array([1.0, 5.0, 7.0, 3.0, 2.0])

    def best(subset: tuple[int, ...]) -> float:
        top = max(proxy[i] for i in subset)
        return float(np.mean([gold[i] for i in subset if proxy[i] == top]))

    expected = np.mean([best(subset) for subset in itertools.combinations(range(5), n)])
    # Equal proxies share their chances, so that ties count by their mean.
    assert best_of.values([proxy], [gold], n)[0] == pytest.approx(expected)


@pytest.mark.parametrize("n", [0, 6])
def test_the_best_of_more_than_there_are_is_an_error(n: int) -> None:
    with pytest.raises(ValueError, match=f"the best of {n}"):
        best_of.values([[1.0] * 5], [[1.0] * 5], n)


def test_the_divergence_is_that_of_the_best_of_n_of_a_continuous_score() -> None:
    """The density of the best of n over the base's is n u^(n-1), u uniform."""
    u = (np.arange(1_000_000) + 0.5) / 1_000_000
    for n in (1, 2, 16):
        density = n * u ** (n - 1)
        assert best_of.divergence(n) == pytest.approx(
            float(np.mean(density * np.log(density))), abs=1e-4
        )
    assert best_of.divergence(4) == pytest.approx(math.log(4) - 3 / 4)


def test_a_proxy_that_pays_for_more_than_is_wanted_is_over_optimised() -> None:
    """What is wanted rises with x up to 1 and falls beyond; the proxy goes on rising."""
    x = np.random.default_rng(1).normal(size=(200, 64))
    points = best_of.curve(x, -((x - 1) ** 2), [1, 4, 64], seed=1)

    assert [round(point.kl, 2) for point in points] == [0.0, 0.64, 3.17]
    assert points[0].gain.value == 0.0
    assert points[0].proxy.value < points[1].proxy.value < points[2].proxy.value
    assert points[1].gain.lower > 0
    assert points[2].gain.upper < 0
    assert points[2].gain.value == pytest.approx(points[2].gold.value - points[1].gold.value)
