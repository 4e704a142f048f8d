"""Leak probes: experiments whose right answer is known, run through the procedure under test.

They take DataFrames of any column types with missing values. An evaluation that finds something
where nothing can be found has a leak. Source: Kapoor and Narayanan (2023), Leakage and the
reproducibility crisis in machine-learning-based science.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlcharter.evals import columns
from mlcharter.evals.splits import Split

Floats = npt.NDArray[np.float64]
Procedure = Callable[[pd.DataFrame, pd.Series], float]
Kind = Literal["classes", "number"]

TELLS_ALL = 0.95  # the score from which on a column is suspected to come after the outcome
FOLDS = 5
DEPTH = 3


def shuffled_labels(
    procedure: Procedure, table: pd.DataFrame, labels: pd.Series, *, seed: int, repeats: int = 20
) -> Floats:
    """Return the scores of `procedure` with labels in random order, shape (repeats,).

    `procedure` gets the features as they are and shuffled labels, and returns the score that the
    evaluation would report. An honest one scores chance: an AUC of 0.5, an R² of 0 or less.
    """
    generator = np.random.default_rng(seed)
    scores = []
    for _ in range(repeats):
        shuffled = labels.iloc[generator.permutation(len(labels))].set_axis(labels.index)
        scores.append(procedure(table, shuffled))
    return np.array(scores, dtype=np.float64)


def noise_features(
    procedure: Procedure, labels: pd.Series, *, seed: int, width: int = 1000, repeats: int = 10
) -> Floats:
    """Return the scores of `procedure` on `width` columns of noise with the real labels.

    An honest procedure scores chance; one that selects columns before its folds does not.
    """
    generator = np.random.default_rng(seed)
    names = [f"noise-{i}" for i in range(width)]
    return np.array(
        [
            procedure(
                pd.DataFrame(generator.random((len(labels), width)), labels.index, names), labels
            )
            for _ in range(repeats)
        ],
        dtype=np.float64,
    )


def column_scores(
    table: pd.DataFrame, labels: pd.Series, *, kind: Kind = "classes", seed: int = 0
) -> pd.Series:
    """Return how well each column alone tells the label, best first, cross-validated.

    The score is balanced accuracy for `classes`, scaled so that chance is 0, and R² for a
    `number`; 1 is perfect. A column near 1 is usually a copy of the label, or known only after it.
    Gaps count: a column can tell the label by being missing.
    """
    if labels.isna().any():
        raise ValueError(f"{int(labels.isna().sum())} labels are missing; leave those rows out")
    values = columns.encoded(table)
    target = columns.codes(labels) if kind == "classes" else columns.measures(labels)
    if kind == "classes":
        model = DecisionTreeClassifier(max_depth=DEPTH, class_weight="balanced", random_state=seed)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        chance = 1 / len(np.unique(target))
        scoring = "balanced_accuracy"
    else:
        model = DecisionTreeRegressor(max_depth=DEPTH, random_state=seed)
        folds, chance, scoring = KFold(FOLDS, shuffle=True, random_state=seed), 0.0, "r2"
    scores = {}
    for i, name in enumerate(table.columns):
        found = cross_val_score(model, values[:, [i]], target, cv=folds, scoring=scoring)
        scores[name] = (found.mean() - chance) / (1 - chance)
    return pd.Series(scores, dtype=float).sort_values(ascending=False, kind="stable")


def side_auc(table: pd.DataFrame, split: Split, *, seed: int = 0) -> float:
    """Return how well a model tells test rows from training rows, as an AUC; 0.5 is chance.

    Far above 0.5, the sides differ in distribution: expected of a split by time, a fault of a
    random one (adversarial validation).
    """
    used = split.train | split.test
    values, side = columns.encoded(table)[used], split.test[used]
    # A gap is a value below all others: scikit-learn takes no fold in which a column has gaps only.
    lowest = np.where(np.isnan(values), np.inf, values).min(axis=0, initial=np.inf)
    values = np.where(np.isnan(values), np.where(np.isfinite(lowest), lowest - 1, 0), values)
    model = HistGradientBoostingClassifier(max_iter=30, random_state=seed)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    scores = cross_val_predict(model, values, side, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(side, scores))
