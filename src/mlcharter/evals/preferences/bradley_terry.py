"""The Bradley-Terry model: a linear reward learned from preferences, its accuracy and calibration.

The probability that item a is preferred to b is 1 / (1 + exp(r(b) - r(a))), and the reward r is
linear in the item's features: logistic regression without a constant on differences of features.

Source: Bradley and Terry (1952), Rank analysis of incomplete block designs.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special

from mlcharter.evals import calibration, intervals
from mlcharter.evals.intervals import Estimate
from mlcharter.evals.preferences import Labels

Floats = npt.NDArray[np.float64]

PENALTY = 1.0  # ridge on weights of features of spread 1: half the squared norm, as scikit-learn's


@dataclass(frozen=True)
class Model:
    """A reward by feature: `weights` are of the features as they are, not of scaled ones."""

    weights: dict[str, float]

    def reward(self, features: pd.DataFrame) -> Floats:
        """Return the reward of each item, shape (items,); only its differences mean something."""
        return np.asarray(features[list(self.weights)] @ np.array([*self.weights.values()]))

    def probabilities(self, features: pd.DataFrame, labels: Labels) -> Floats:
        """Return how probable it is that the first item is preferred, shape (labels,)."""
        return np.asarray(special.expit(_differences(features, labels) @ self._array))

    @property
    def _array(self) -> Floats:
        return np.array([*self.weights.values()])


def fit(features: pd.DataFrame, labels: Labels, *, penalty: float = PENALTY) -> Model:
    """Return the model of greatest likelihood, less `penalty` times half its squared norm.

    `features` has a row for each item, by name, and numbers only. The norm is of weights per
    standard deviation of the differences, so that units of features do not matter. Raises
    ValueError for a feature that never differs within a pair.
    """
    differences = _differences(features, labels)
    scale = np.sqrt((differences**2).mean(axis=0))
    if (still := scale == 0).any():
        raise ValueError(
            f"`{features.columns[still.argmax()]}` is the same in both items of a pair"
        )
    signed = np.where(labels.chose_first, 1.0, -1.0)[:, None] * differences / scale

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = signed @ weights
        value = -special.log_expit(margin).sum() + penalty / 2 * weights @ weights
        return float(value), penalty * weights - special.expit(-margin) @ signed

    found = optimize.minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B", tol=1e-12)
    return Model(dict(zip(features.columns, (found.x / scale).tolist(), strict=True)))


def accuracy(model: Model, features: pd.DataFrame, labels: Labels, *, seed: int) -> Estimate:
    """Return the share of labels whose preferred item has the greater reward; equal ones are half.

    The interval is over pairs. Raters who disagree bound it: no model passes their agreement.
    """
    margin = _differences(features, labels) @ model._array
    right = 0.5 + 0.5 * np.sign(margin) * np.where(labels.chose_first, 1, -1)
    return intervals.mean(right, labels.pair, unit="pair", seed=seed)


def calibration_error(
    model: Model, features: pd.DataFrame, labels: Labels, *, seed: int, bins: int = 5
) -> Estimate:
    """Return the expected calibration error of the probability that the lower name is preferred.

    Names are in sorted order, so that the order shown has no part. See `calibration.ece`.
    """
    flipped = labels.chose_first != labels.chose_lower
    first = model.probabilities(features, labels)
    lower = np.where(flipped, 1 - first, first)
    return calibration.estimate_ece(
        labels.chose_lower, lower, clusters=labels.pair, unit="pair", seed=seed, bins=bins
    )


def _differences(features: pd.DataFrame, labels: Labels) -> Floats:
    """Features of the first item less those of the second, shape (labels, features)."""
    first, second = (features.loc[labels.table[name]] for name in ("first", "second"))
    return np.asarray(first.to_numpy(dtype=np.float64) - second.to_numpy(dtype=np.float64))
