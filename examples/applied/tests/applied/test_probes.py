"""Each probe stays quiet on our procedure and speaks up on the leak that it is made for.

Fewer repeats than in the eval, so that a leak is seen within seconds.
"""

import pytest

from biopsy_triage.applied import data, probes
from biopsy_triage.applied.metrics import Labels

ROWS = data.load()


@pytest.fixture(scope="module")
def labels() -> Labels:
    found: Labels = ROWS[data.LABEL].to_numpy()
    return found


def test_shuffled_labels_cannot_be_predicted_unless_they_leak(labels: Labels) -> None:
    features = ROWS[data.FEATURES]
    honest = probes.shuffled_labels(probes.candidate, features, labels, seed=1, repeats=3)
    leaking = probes.shuffled_labels(
        probes.candidate_with_encoded_twins, features, labels, seed=1, repeats=3
    )
    assert honest.mean() < 0.55
    assert leaking.mean() > 0.7


def test_selecting_features_outside_the_folds_finds_signal_in_noise(labels: Labels) -> None:
    inside, outside = (
        probes.noise_features(procedure, labels, seed=1, columns=500, repeats=2)
        for procedure in (probes.selection_inside, probes.selection_outside)
    )
    assert inside.mean() < 0.56
    assert outside.mean() > 0.65


def test_random_folds_promise_a_future_that_does_not_come() -> None:
    series = probes.drifting_series()[:15]
    honest, leaking = (
        probes.future_error_ratios(splitter, series)
        for splitter in (probes.forward, probes.random_folds)
    )
    assert honest.mean() < 1.25
    assert leaking.mean() > 2


def test_forward_folds_never_train_on_what_comes_later() -> None:
    folds = list(probes.forward(200))
    assert len(folds) == 4
    assert all(train.max() < test.min() for train, test in folds)
