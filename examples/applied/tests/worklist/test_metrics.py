"""Each metric of the evaluation pack, on rows that were worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from mlcharter.evals import calibration, digests, intervals, probes
from mlcharter.evals.metrics import METRICS
from mlcharter.evals.splits import Split, near_duplicates

LABELS = np.array([0, 0, 1, 1])
SCORES = np.array([0.1, 0.6, 0.4, 0.9])
SPLIT = Split(train=np.array([True, True, False, False]), test=np.array([False, False, True, True]))


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    assert METRICS["binary"]["auc"].score(LABELS, SCORES) == 3 / 4


def test_brier_is_the_mean_squared_error_of_the_probability() -> None:
    assert METRICS["binary"]["brier"].score(LABELS, SCORES) == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)


def test_the_calibration_error_is_the_mean_distance_of_bins() -> None:
    assert calibration.ece(LABELS, SCORES, bins=2) == pytest.approx((0.25 + 0.25) / 2)


def test_a_test_row_like_a_training_row_is_a_near_duplicate() -> None:
    radius, area = [10.0, 14.0, 14.0, 18.0], [300.0, 600.0, 600.0, 1000.0]
    table = pd.DataFrame({"radius": radius, "area": area})
    assert near_duplicates(table, SPLIT).tolist() == [[2, 1]]


def test_a_column_that_tells_every_label_scores_one_and_a_constant_zero() -> None:
    table = pd.DataFrame({"copy": [0.0, 1.0] * 20, "constant": [1.0] * 40})
    scores = probes.column_scores(table, pd.Series([0, 1] * 20))
    assert scores.to_dict() == {"copy": 1.0, "constant": 0.0}


def test_shuffled_labels_give_the_mean_auc_of_all_shuffles() -> None:
    """Two rows that the score ranks right: a shuffle keeps them (1) or exchanges them (0)."""
    table, labels = pd.DataFrame({"score": [0.1, 0.9]}), pd.Series([0, 1])
    scores = probes.shuffled_labels(
        lambda rows, shuffled: METRICS["binary"]["auc"].score(shuffled, rows["score"]),
        table,
        labels,
        seed=7,
    )
    kept = np.count_nonzero(scores == 1)
    assert kept + np.count_nonzero(scores == 0) == 20
    assert intervals.mean(scores, unit="repeat", seed=7).value == kept / 20


def test_a_known_value_has_a_known_digest() -> None:
    assert digests.canonical({"b": 1, "a": [0.5, None]}) == b'{"a":[0.5,null],"b":1}'
    known = "a0e9efb45133394cdb2715f19808ddbb2a34dceb99f39f09a23578958b03e29a"
    assert digests.sha256({"b": 1, "a": [0.5, None]}) == known
