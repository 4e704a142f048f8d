"""Leak probes: experiments whose right answer is known, run through our own procedures.

Each takes the procedure under test as an argument.
An evaluation that finds something where nothing is, or that promises an error which the future does
not keep, has a leak; no look at the code finds it as surely.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import KFold, StratifiedKFold, TimeSeriesSplit
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline

from . import metrics, models
from .metrics import Floats, Labels

# Takes features of shape (rows, columns) and labels, returns a cross-validated AUC.
Procedure = Callable[[Floats, Labels], float]
# Takes the length of a series, yields training and test positions.
Splitter = Callable[[int], Iterator[tuple[Labels, Labels]]]

FOLDS = 5


def _folds(features: Floats, labels: Labels) -> Iterator[tuple[Labels, Labels]]:
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=models.SEED)
    yield from folds.split(features, labels)


def out_of_fold(model: Any, features: Floats, labels: Labels) -> Floats:
    """The probability of label 1 for each row, from a model that has not seen the row."""
    found = np.empty(len(labels))
    for train, test in _folds(features, labels):
        inside = clone(model).fit(features[train], labels[train])
        found[test] = inside.predict_proba(features[test])[:, 1]
    return found


def cross_validated(model: Any, features: Floats, labels: Labels) -> float:
    """The mean AUC over stratified folds; everything that learns is fitted inside the fold."""
    scores = out_of_fold(model, features, labels)
    found = [metrics.auc(labels[test], scores[test]) for _, test in _folds(features, labels)]
    return float(np.mean(found))


def candidate(features: Floats, labels: Labels) -> float:
    """The candidate, as it is evaluated everywhere."""
    return cross_validated(models.LADDER[models.CANDIDATE](), features, labels)


def candidate_with_encoded_twins(features: Floats, labels: Labels) -> float:
    """A leak: a column made from the labels of all rows, their own included, before the folds."""
    order = np.argsort(features[:, 0], kind="stable")
    neighbours = np.convolve(labels[order], np.ones(3) / 3, mode="same")
    encoded = np.empty(len(labels))
    encoded[order] = neighbours
    return candidate(np.column_stack([features, encoded]), labels)


def selection_inside(features: Floats, labels: Labels, keep: int = 20) -> float:
    """Feature selection as part of what is cross-validated."""
    model = make_pipeline(SelectKBest(f_classif, k=keep), models.logistic())
    return cross_validated(model, features, labels)


def selection_outside(features: Floats, labels: Labels, keep: int = 20) -> float:
    """A leak: the selection has seen the labels of the rows that it is later tested on."""
    kept = SelectKBest(f_classif, k=keep).fit_transform(features, labels)
    return cross_validated(models.logistic(), kept, labels)


def shuffled_labels(
    procedure: Procedure, features: pd.DataFrame, labels: Labels, *, seed: int, repeats: int = 20
) -> Floats:
    """AUCs of `procedure` on the real features with shuffled labels; an honest one gives 0.5."""
    generator = np.random.default_rng(seed)
    values = features.to_numpy()
    return np.array([procedure(values, generator.permutation(labels)) for _ in range(repeats)])


def noise_features(
    procedure: Procedure, labels: Labels, *, seed: int, columns: int = 1000, repeats: int = 10
) -> Floats:
    """AUCs of `procedure` on pure noise with the real labels; an honest one gives 0.5."""
    generator = np.random.default_rng(seed)
    noise = (generator.random((len(labels), columns)) for _ in range(repeats))
    return np.array([procedure(values, labels) for values in noise])


SERIES, LENGTH, FUTURE = 40, 240, 40


def drifting_series() -> Floats:
    """Series with a trend, a yearly season and correlated noise, shape (SERIES, LENGTH).

    Generated, because no series ships with the packages that are installed here.
    Rounded, so that its digest does not depend on a processor's sine.
    """
    generator = np.random.default_rng(models.SEED)
    time = np.arange(LENGTH)
    slopes = generator.uniform(0.5, 1.5, (SERIES, 1)) * generator.choice([-1, 1], (SERIES, 1)) / 12
    noise = generator.uniform(-1, 1, (SERIES, LENGTH))
    for i in range(1, LENGTH):
        noise[:, i] += 0.7 * noise[:, i - 1]
    made: Floats = np.round(slopes * time + 2 * np.sin(2 * np.pi * time / 12) + noise, 6)
    return made


def forward(length: int) -> Iterator[tuple[Labels, Labels]]:
    """Train on what came before, test on the block that follows."""
    yield from TimeSeriesSplit(4, test_size=FUTURE).split(np.empty(length))


def random_folds(length: int) -> Iterator[tuple[Labels, Labels]]:
    """A leak: neighbours in time of every test position are trained on."""
    yield from KFold(FOLDS, shuffle=True, random_state=models.SEED).split(np.empty(length))


def future_error_ratios(splitter: Splitter, series: Floats) -> Floats:
    """The error on the last FUTURE positions over the error that `splitter` promised before them.

    One ratio a series, shape (series,); about 1 is honest, 2 means that reality is twice as bad.
    """
    return np.array([_future_error_ratio(splitter, values) for values in series])


def _future_error_ratio(splitter: Splitter, values: Floats) -> float:
    time = np.arange(len(values))
    features = np.column_stack([time, time % 12])

    def error(train: Labels, test: Labels) -> float:
        model = KNeighborsRegressor(3).fit(features[train], values[train])
        return float(np.abs(model.predict(features[test]) - values[test]).mean())

    past = time[:-FUTURE]
    promised = np.mean([error(train, test) for train, test in splitter(len(past))])
    return float(error(past, time[-FUTURE:]) / promised)
