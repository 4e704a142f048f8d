"""Baseline models by kind of target: what a system must beat, or must not fall behind.

They take DataFrames of any column types with missing values, as `supervised.System.features` names
them. `constant` looks at no column, `one-column` at the one that tells most, `linear` and `boosted`
at all of them. Nothing is tuned.
"""

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from mlcharter.evals import columns, probes
from mlcharter.evals.metrics import Kind

MOST_CATEGORIES = 20  # of a column of text; the rarer ones share one


def constant(kind: Kind, seed: int = 0) -> Any:
    """Return a model that predicts the shares of the classes, or the median, for every row."""
    return DummyRegressor(strategy="median") if kind == "regression" else DummyClassifier()


def linear(kind: Kind, seed: int = 0) -> Any:
    """Return a logistic or ridge regression on scaled numbers and one-hot categories."""
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
    )
    texts = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MOST_CATEGORIES, sparse_output=False
    )
    model = RidgeCV() if kind == "regression" else LogisticRegression(max_iter=1000)
    return _on_columns(numbers, texts, model)


def boosted(kind: Kind, seed: int = 0) -> Any:
    """Return gradient-boosted trees with scikit-learn's defaults."""
    texts = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    regression = kind == "regression"
    model = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    # The trees take gaps, but no column of gaps only.
    numbers = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    return _on_columns(numbers, texts, model(random_state=seed))


class OneColumn(BaseEstimator):  # type: ignore[misc]
    """`linear` on the column that tells the label best; it is chosen on the rows of `fit`."""

    def __init__(self, kind: Kind, seed: int = 0) -> None:
        self.kind = kind
        self.seed = seed

    def fit(self, table: pd.DataFrame, labels: pd.Series) -> Self:
        what: probes.Kind = "number" if self.kind == "regression" else "classes"
        self.column_ = probes.column_scores(table, labels, kind=what, seed=self.seed).index[0]
        self.model_ = linear(self.kind).fit(table[[self.column_]], labels)
        self.classes_ = getattr(self.model_, "classes_", None)
        return self

    def predict(self, table: pd.DataFrame) -> npt.NDArray[Any]:
        found: npt.NDArray[Any] = self.model_.predict(table[[self.column_]])
        return found

    def predict_proba(self, table: pd.DataFrame) -> npt.NDArray[Any]:
        found: npt.NDArray[Any] = self.model_.predict_proba(table[[self.column_]])
        return found


BASELINES: Mapping[str, Callable[[Kind, int], Any]] = {
    "constant": constant,
    "one-column": OneColumn,
    "linear": linear,
    "boosted": boosted,
}
"""Unfitted estimators by the name that reports and gates use in `against`."""


def _on_columns(numbers: Any, texts: Any, model: Any) -> Any:
    """`model` behind one transformer of columns of numbers and one of all other columns."""
    return make_pipeline(
        FunctionTransformer(columns.plain),
        make_column_transformer(
            (numbers, make_column_selector(dtype_include="number")),
            (texts, make_column_selector(dtype_exclude="number")),
        ),
        model,
    )
