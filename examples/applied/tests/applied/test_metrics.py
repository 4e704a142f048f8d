"""The quick metrics agree with scikit-learn's, and say what they cannot know."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from biopsy_triage.applied import metrics

# Few distinct scores, so that ties are common.
PAIRS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), min_size=2, max_size=60)


@given(PAIRS)
def test_the_rank_auc_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    labels = np.array([label for label, _ in pairs])
    scores = np.array([score / 8 for _, score in pairs])
    if len(set(labels.tolist())) < 2:
        assert math.isnan(metrics.auc(labels, scores))
    else:
        assert metrics.auc(labels, scores) == pytest.approx(roc_auc_score(labels, scores))


def test_the_brier_score_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(1)
    labels, probabilities = generator.integers(0, 2, 300), generator.random(300)
    assert metrics.brier(labels, probabilities) == pytest.approx(
        brier_score_loss(labels, probabilities)
    )


def test_a_calibrated_model_has_a_small_error_and_a_boastful_one_a_large_one() -> None:
    generator = np.random.default_rng(2)
    truth = generator.random(20_000)
    labels = (generator.random(20_000) < truth).astype(int)
    boastful = np.clip(2 * truth - 0.5, 0, 1)
    assert metrics.calibration_error(labels, truth) < 0.015
    assert metrics.calibration_error(labels, boastful) > 0.1


def test_reliability_counts_every_row_once() -> None:
    generator = np.random.default_rng(3)
    labels, probabilities = generator.integers(0, 2, 103), generator.random(103)
    steps = metrics.reliability(labels, probabilities)
    assert [step.n for step in steps] == [11, 11, 11, *[10] * 7]
    assert sum(step.ones for step in steps) == labels.sum()
    assert [step.predicted for step in steps] == sorted(step.predicted for step in steps)
