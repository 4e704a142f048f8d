"""Metrics have the values of scikit-learn and intervals over clusters; bad data is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from mlcharter.evals import metrics
from mlcharter.evals.metrics import METRICS, Kind, estimate

GENERATOR = np.random.default_rng(2)
N = 80
BINARY = GENERATOR.integers(0, 2, N)
SCORES = np.clip(BINARY * 0.3 + GENERATOR.random(N) * 0.7, 0.01, 0.99).round(2)
CLASSES = GENERATOR.integers(0, 3, N)
PROBABILITIES = np.eye(3)[CLASSES] * 0.2 + GENERATOR.dirichlet([1, 1, 1], N) * 0.8
NUMBERS = GENERATOR.normal(size=N)
GUESSES = NUMBERS + GENERATOR.normal(size=N) / 2
QUICK: Any = {"unit": "row", "seed": 1, "resamples": 40}


def data(kind: Kind, takes: str) -> tuple[Any, Any]:
    """A target and predictions of a kind, in the form that a metric takes."""
    if kind == "binary":
        return BINARY, (SCORES > 0.5).astype(int) if takes == "classes" else SCORES
    if kind == "multi-class":
        return CLASSES, PROBABILITIES.argmax(axis=1) if takes == "classes" else PROBABILITIES
    return NUMBERS, GUESSES


EXPECTED = {
    ("binary", "auc"): sk.roc_auc_score(BINARY, SCORES),
    ("binary", "average-precision"): sk.average_precision_score(BINARY, SCORES),
    ("binary", "brier"): sk.brier_score_loss(BINARY, SCORES),
    ("binary", "log-loss"): sk.log_loss(BINARY, SCORES),
    ("binary", "accuracy"): ((SCORES > 0.5) == BINARY).mean(),
    ("binary", "balanced-accuracy"): sk.balanced_accuracy_score(BINARY, SCORES > 0.5),
    ("binary", "precision"): BINARY[SCORES > 0.5].mean(),
    ("binary", "recall"): (SCORES > 0.5)[BINARY == 1].mean(),
    ("binary", "f1"): sk.f1_score(BINARY, SCORES > 0.5),
    ("binary", "mcc"): np.corrcoef(BINARY, SCORES > 0.5)[0, 1],
    ("multi-class", "auc-ovo"): sk.roc_auc_score(CLASSES, PROBABILITIES, multi_class="ovo"),
    ("multi-class", "brier"): sum(
        sk.brier_score_loss(k == CLASSES, PROBABILITIES[:, k]) for k in range(3)
    ),
    ("multi-class", "log-loss"): -np.log(PROBABILITIES[np.arange(N), CLASSES]).mean(),
    ("multi-class", "accuracy"): (PROBABILITIES.argmax(axis=1) == CLASSES).mean(),
    ("multi-class", "balanced-accuracy"): np.mean(
        [(PROBABILITIES.argmax(axis=1) == k)[k == CLASSES].mean() for k in range(3)]
    ),
    ("multi-class", "macro-f1"): np.mean(
        [sk.f1_score(k == CLASSES, PROBABILITIES.argmax(axis=1) == k) for k in range(3)]
    ),
    ("regression", "mae"): np.abs(NUMBERS - GUESSES).mean(),
    ("regression", "rmse"): np.sqrt(((NUMBERS - GUESSES) ** 2).mean()),
    ("regression", "median-ae"): np.median(np.abs(NUMBERS - GUESSES)),
    ("regression", "r2"): 1 - ((NUMBERS - GUESSES) ** 2).sum() / (NUMBERS.var() * N),
}


def test_every_metric_has_an_expected_value() -> None:
    assert EXPECTED.keys() == {(kind, name) for kind in METRICS for name in METRICS[kind]}


@pytest.mark.parametrize(("kind", "name"), EXPECTED)
def test_a_metric_has_its_value_inside_its_interval(kind: Kind, name: str) -> None:
    target, predicted = data(kind, METRICS[kind][name].takes)

    found = estimate(kind, name, target, predicted, **QUICK)

    assert found.value == pytest.approx(EXPECTED[kind, name])
    assert found.lower < found.value < found.upper
    assert (found.method, found.version, found.unit, found.n) == ("bootstrap", "bca-1", "row", N)


@pytest.mark.parametrize(("kind", "name"), EXPECTED)
def test_a_perfect_prediction_is_better_in_the_direction_of_the_metric(
    kind: Kind, name: str
) -> None:
    metric = METRICS[kind][name]
    target, predicted = data(kind, metric.takes)
    perfect = np.eye(3)[target] if predicted.ndim == 2 else target

    change = metric.score(target, perfect * 1.0) - metric.score(target, predicted * 1.0)

    assert change > 0 if metric.direction == "up" else change < 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_auc_by_ranks_is_that_of_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    target = np.array([True, False, *(r[0] for r in rows)]).astype(int)
    scores = np.array([3, 3, *(r[1] for r in rows)])

    found = METRICS["binary"]["auc"].score(target, scores)

    assert found == pytest.approx(sk.roc_auc_score(target, scores))


def test_clusters_are_resampled_whole() -> None:
    target, guesses = np.repeat(NUMBERS, 4), np.repeat(GUESSES, 4)

    rows = estimate("regression", "mae", target, guesses, **QUICK)
    people = estimate(
        "regression", "mae", target, guesses, clusters=np.repeat(np.arange(N), 4), **QUICK
    )

    assert (rows.n, people.n) == (4 * N, N)
    assert people.upper - people.lower > 1.5 * (rows.upper - rows.lower)


def test_against_gives_the_paired_difference() -> None:
    worse = GUESSES + 0.5

    found = estimate("regression", "rmse", NUMBERS, GUESSES, against=worse, **QUICK)
    turned = estimate("regression", "rmse", NUMBERS, worse, against=GUESSES, **QUICK)

    assert found.upper < 0
    assert (found.lower, found.upper) == pytest.approx((-turned.upper, -turned.lower))


@pytest.mark.parametrize(
    ("kind", "name", "target", "predicted", "why"),
    [
        ("binary", "aoc", [0, 1], [0, 1], "binary has no metric 'aoc'; it has auc"),
        ("binary", "auc", ["deny", "grant"], [0.1, 0.2], "a binary target is 0 or 1"),
        ("binary", "auc", [0, 1], [0.1, np.nan], "predictions: row 1 is missing"),
        ("binary", "auc", [0, 1], [0.1], "1 rows, but the target has 2"),
        ("binary", "auc", [1, 1], [0.1, 0.2], "the statistic is nan on the whole data"),
        ("binary", "brier", [0, 1], [0.1, 1.2], "probabilities are from 0 to 1"),
        ("binary", "accuracy", [0, 1], [0.1, 0.9], "predictions: a binary target is 0 or 1"),
        ("multi-class", "accuracy", ["a", None], ["a", "b"], "target: row 1 is missing"),
        ("multi-class", "log-loss", [0, 2], [[0.5, 0.5]] * 2, "a target from 0 to classes - 1"),
        ("multi-class", "log-loss", [0, 1], [[0.5, 0.6]] * 2, "add up to 1"),
        ("regression", "mae", [1.0, 2.0], [[1.0], [2.0]], r"shape \(rows,\), not \(2, 1\)"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    kind: Kind, name: str, target: Any, predicted: Any, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        estimate(kind, name, target, predicted, **QUICK)


def test_labels_of_clusters_are_as_many_as_rows() -> None:
    with pytest.raises(ValueError, match="1 labels of clusters for 2 rows"):
        metrics.estimate("regression", "mae", [1.0, 2.0], [1.0, 2.0], clusters=["a"], **QUICK)


def test_classes_may_be_text() -> None:
    names = np.array(["setosa", "virginica", "ü"])
    guesses = PROBABILITIES.argmax(axis=1)

    found = estimate("multi-class", "macro-f1", names[CLASSES], names[guesses], **QUICK)

    assert found.value == pytest.approx(EXPECTED["multi-class", "macro-f1"])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_label_among_text_is_refused(missing: Any) -> None:
    with pytest.raises(ValueError, match="target: row 1 is missing"):
        estimate("multi-class", "accuracy", ["a", missing, "b"], ["a", "b", "b"], **QUICK)


def test_columns_of_pandas_are_taken_as_they_are() -> None:
    plain = estimate("binary", "auc", BINARY, SCORES, **QUICK)
    for target in (pd.Series(BINARY, dtype="Int64"), pd.Series(BINARY == 1, dtype="boolean")):
        assert estimate("binary", "auc", target, pd.Series(SCORES), **QUICK) == plain
    names = pd.Series(np.array(["x", "y", "z"])[CLASSES])

    found = estimate("multi-class", "accuracy", names.astype("category"), list(names), **QUICK)

    assert found.value == 1


def test_delong_is_the_variance_of_placements_by_its_definition() -> None:
    generator = np.random.default_rng(4)
    truth = np.repeat([1, 0], [12, 20])
    scores, other = (np.round(truth + generator.normal(0, 1, 32), 1) for _ in range(2))

    def above(values: np.ndarray) -> np.ndarray:
        """Each pair of a one and a zero: 1 if the one is higher, a half for a tie."""
        pairs = np.subtract.outer(values[:12], values[12:])
        return (np.sign(pairs) + 1) / 2

    for against, pairs in ((None, above(scores)), (other, above(scores) - above(other))):
        found = metrics.delong(truth, scores, against=against)
        variance = pairs.mean(axis=1).var(ddof=1) / 12 + pairs.mean(axis=0).var(ddof=1) / 20
        away = 1.959964 * np.sqrt(variance)
        assert found.value == pytest.approx(pairs.mean())
        ends = pairs.mean() - away, pairs.mean() + away
        assert (found.lower, found.upper) == pytest.approx((ends[0], min(1.0, ends[1])), abs=1e-6)
        assert (found.method, found.version, found.n) == ("delong", "delong-1", 32)
    difference = above(scores) - above(other)
    error = np.sqrt(difference.mean(1).var(ddof=1) / 12 + difference.mean(0).var(ddof=1) / 20)
    p = 2 * stats.norm.sf(abs(difference.mean()) / error)
    assert metrics.delong_test(truth, scores, other) == pytest.approx(p)
    assert metrics.delong_test(truth, scores, scores) == 1


def test_delong_covers_the_true_auc_and_its_test_keeps_its_level() -> None:
    generator, draws = np.random.default_rng(9), 1000
    true = stats.norm.cdf(1 / np.sqrt(2))  # of two normal distributions, one apart
    covered = rejected = 0
    truth = np.repeat([1, 0], [50, 70])
    for _ in range(draws):
        shared = generator.normal(0, 0.7, 120)
        one, other = (truth + shared + generator.normal(0, np.sqrt(0.51), 120) for _ in range(2))
        found = metrics.delong(truth, one)
        covered += found.lower <= true <= found.upper
        rejected += metrics.delong_test(truth, one, other) < 0.05
    assert 0.93 <= covered / draws <= 0.97
    assert 0.03 <= rejected / draws <= 0.07


def test_delong_needs_two_rows_of_each_class() -> None:
    with pytest.raises(ValueError, match="two or more rows of each class"):
        metrics.delong([1, 0, 0], [0.5, 0.1, 0.2])
