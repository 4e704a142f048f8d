"""Defects break what they say, leave the original alone, and are the same with one seed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcharter.evals import calibration, defects, metrics, probes, splits, testing
from mlcharter.evals.splits import Split

TABLE = pd.DataFrame(
    {
        "income": [1.0, np.nan, 3.0, 4.0, 5.0, 6.0],
        "county": ["a", "b", None, "a", "b", "a"],
        "age": [30, 31, 32, 33, 34, 35],
    },
    index=list("uvwxyz"),
)
LABELS = pd.Series([0, 1, 0, 1, 1, 0], index=TABLE.index)
PROBABILITIES = np.array([0.1, 0.8, 0.3, 0.7, 0.6, 0.4])

BROKEN: dict[str, Callable[[], Any]] = {
    "shuffle_labels": lambda: defects.shuffle_labels(LABELS, seed=1),
    "flip_labels": lambda: defects.flip_labels(LABELS, share=0.5, seed=1),
    "drop_group": lambda: defects.drop_group(TABLE, "county", "a"),
    "blank_column": lambda: defects.blank_column(TABLE, "age", share=0.5),
    "swap_columns": lambda: defects.swap_columns(TABLE, "income", "age"),
    "shift_rows": lambda: defects.shift_rows(TABLE, ["income", "county"]),
    "leak_target": lambda: defects.leak_target(TABLE, LABELS, noise=0.5),
    "overwrite_with_labels": lambda: defects.overwrite_with_labels(TABLE, LABELS, ["age"]),
    "duplicate_rows": lambda: defects.duplicate_rows(TABLE, share=0.5, seed=1),
    "constant_prediction": lambda: defects.constant_prediction(PROBABILITIES),
    "shuffle_predictions": lambda: defects.shuffle_predictions(PROBABILITIES, seed=1),
    "overconfident": lambda: defects.overconfident(PROBABILITIES),
    "degrade_scores": lambda: defects.degrade_scores(PROBABILITIES, share=0.5, seed=1),
}


def test_every_defect_is_tried() -> None:
    public = {
        name
        for name, value in vars(defects).items()
        if getattr(value, "__module__", "") == defects.__name__ and not name.startswith("_")
    }

    assert BROKEN.keys() == public


@pytest.mark.parametrize("name", BROKEN)
def test_a_defect_is_the_same_again_and_leaves_the_original_alone(name: str) -> None:
    before = TABLE.copy(), LABELS.copy(), PROBABILITIES.copy()

    one, other = BROKEN[name](), BROKEN[name]()

    same = np.array_equal if isinstance(one, np.ndarray) else type(one).equals
    assert same(one, other)
    assert TABLE.equals(before[0]) and LABELS.equals(before[1])
    assert np.array_equal(PROBABILITIES, before[2])


def test_shuffled_labels_keep_their_index_and_counts() -> None:
    found = BROKEN["shuffle_labels"]()

    assert found.index.equals(LABELS.index) and sorted(found) == sorted(LABELS)


def test_flipped_labels_differ_in_the_share_of_rows() -> None:
    assert (BROKEN["flip_labels"]() != LABELS).sum() == 3


def test_a_dropped_group_is_gone_and_gaps_stay() -> None:
    assert BROKEN["drop_group"]().index.tolist() == ["v", "w", "y"]


def test_blanked_swapped_and_shifted_columns() -> None:
    assert BROKEN["blank_column"]()["age"].isna().sum() == 3
    assert BROKEN["swap_columns"]()["income"].tolist() == TABLE["age"].tolist()
    assert BROKEN["shift_rows"]()["county"].iloc[0] == "a"
    assert BROKEN["shift_rows"]()["income"].tolist()[:2] == [6.0, 1.0]


def test_a_leaked_target_is_what_the_probe_finds() -> None:
    generator = np.random.default_rng(0)
    labels = pd.Series(generator.integers(0, 2, 100))
    table = pd.DataFrame({"noise": generator.normal(size=100)})

    scores = probes.column_scores(defects.leak_target(table, labels), labels)

    assert scores.index[0] == "leak" and scores.iloc[0] == 1


def test_duplicated_rows_are_what_the_scan_finds() -> None:
    doubled = defects.duplicate_rows(TABLE, share=1.0, seed=1)
    tested = np.arange(12) >= 6

    assert len(splits.near_duplicates(doubled, Split(~tested, tested), tolerance=0)) == 6


def test_a_constant_prediction_is_the_mean_or_the_most_frequent() -> None:
    assert defects.constant_prediction(PROBABILITIES) == pytest.approx(np.full(6, 2.9 / 6))
    assert defects.constant_prediction(["a", "b", "b"]).tolist() == ["b"] * 3
    rows = defects.constant_prediction([[0.9, 0.1], [0.5, 0.5]])
    assert rows == pytest.approx(np.array([[0.7, 0.3]] * 2))


def test_overconfidence_keeps_the_ranking_and_loses_calibration() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.uniform(0.3, 0.7, 1000)
    target = (generator.random(1000) < probabilities).astype(int)

    sure = defects.overconfident(probabilities, factor=4)

    assert np.argsort(sure).tolist() == np.argsort(probabilities).tolist()
    assert calibration.ece(target, sure) > 2 * calibration.ece(target, probabilities)


def test_scores_of_one_slice_are_degraded() -> None:
    found = defects.degrade_scores([1.0] * 6, share=0.5, seed=1, within=[1, 1, 0, 0, 0, 0])

    assert sorted(found[:2]) == [0, 1] and found[2:].tolist() == [1] * 4


@pytest.mark.parametrize(
    ("defect", "why"),
    [
        (lambda: defects.shuffle_labels(pd.Series([1, 1]), seed=1), "changes nothing on this data"),
        (lambda: defects.drop_group(TABLE, "county", "z"), "changes nothing on this data"),
        (lambda: defects.drop_group(TABLE, "country", "z"), "there is no column 'country'"),
        (lambda: defects.constant_prediction([0.5, 0.5]), "changes nothing on this data"),
        (lambda: defects.degrade_scores([1.0], share=0, seed=1), "a share of 0 of 1 rows"),
        (lambda: defects.flip_labels(pd.Series([1, 1]), share=1, seed=1), "labels of one class"),
        (lambda: defects.leak_target(TABLE, LABELS, name="age"), "there is a column 'age' already"),
    ],
)
def test_a_defect_that_breaks_nothing_is_refused(defect: Callable[[], Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        defect()


def test_a_gate_sees_shuffled_predictions() -> None:
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, 80)
    scores = target + generator.normal(size=80)
    options: Any = {"unit": "row", "seed": 1, "resamples": 100}

    sound = metrics.estimate("binary", "auc", target, scores, **options)
    shuffled = defects.shuffle_predictions(scores, seed=1)
    broken = metrics.estimate("binary", "auc", target, shuffled, **options)

    testing.assert_gate_sees(sound, broken, ">=", 0.6)


def test_labels_overwrite_numbers_as_numbers_and_text_as_text() -> None:
    labels = pd.Series(list("yxxyyx"), index=TABLE.index)

    broken = defects.overwrite_with_labels(TABLE, labels, ["income", "county"])

    assert broken["income"].tolist() == [1, 0, 0, 1, 1, 0]
    assert broken["county"].tolist() == list("yxxyyx")
    assert broken["age"].equals(TABLE["age"])


def test_probabilities_of_several_classes_become_surer_in_the_same_order() -> None:
    before = np.array([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]])

    surer = defects.overconfident(before, factor=2)

    assert surer[0] == pytest.approx(np.array([25, 9, 4]) / 38)
    assert (surer.argsort(axis=1) == before.argsort(axis=1)).all()
