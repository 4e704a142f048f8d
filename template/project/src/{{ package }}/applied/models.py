"""The ladder of models, from the cheapest up, and the one that is shipped.

The candidate is the logistic regression on all thirty measures.
It was chosen by cross-validation on the training rows: the boosted trees, calibrated or not, rank
no better there than the interval leaves open (`auc-cross-validated` in the report), take twenty to
forty times as long to fit, and cannot be read.
So they are the dearer rival that the candidate must not fall behind; and the cheapest thing that
could replace it is a logistic curve over the single best measure, against which thirty measures
have to earn their keep.

The margins of the gates leave room for chance: over 16 other splits and seeds, the bound that is
gated lay at least three standard deviations inside its threshold, for each gate of this track.
"""

from collections.abc import Callable
from typing import Any

import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from .data import FEATURES, LABEL
from .metrics import Floats

SEED = 7


def logistic() -> Pipeline:
    """Standardised inputs and scikit-learn's default penalty, not tuned."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def one_measurement() -> Pipeline:
    """The measure that separates the training rows best, chosen inside each fit."""
    return make_pipeline(SelectKBest(f_classif, k=1), logistic())


def boosted() -> HistGradientBoostingClassifier:
    """Boosted trees with scikit-learn's defaults."""
    return HistGradientBoostingClassifier(random_state=SEED)


def boosted_calibrated() -> CalibratedClassifierCV:
    """Boosted trees behind a sigmoid that is fitted on held-out folds."""
    return CalibratedClassifierCV(boosted(), method="sigmoid", cv=3)


LADDER: dict[str, Callable[[], Any]] = {
    "dummy": lambda: DummyClassifier(strategy="prior"),
    "one-measurement": one_measurement,
    "logistic": logistic,
    "boosted": boosted,
    "boosted-calibrated": boosted_calibrated,
}
CANDIDATE = "logistic"


def fitted(name: str, train: pd.DataFrame) -> Any:
    """The model `name` of LADDER, fitted to the rows of `train`."""
    return LADDER[name]().fit(train[FEATURES].to_numpy(), train[LABEL].to_numpy())


def probabilities(model: Any, features: pd.DataFrame) -> Floats:
    """The probability of label 1, shape (rows,); columns are taken by name, in any order."""
    predicted: Floats = model.predict_proba(features[FEATURES].to_numpy())[:, 1]
    return predicted


def exported(model: Pipeline) -> dict[str, Any]:
    """The candidate as plain numbers: what is registered, signed and served.

    JSON instead of a pickle, because loading a pickle runs whatever it holds.
    Rounded to six digits, like everything that is written down.
    """
    scaler, classifier = model[0], model[-1]
    return {
        "features": FEATURES,
        "mean": [round(value, 6) for value in scaler.mean_.tolist()],
        "scale": [round(value, 6) for value in scaler.scale_.tolist()],
        "weights": [round(value, 6) for value in classifier.coef_[0].tolist()],
        "intercept": round(float(classifier.intercept_[0]), 6),
    }
