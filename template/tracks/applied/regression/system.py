"""The system: its rows, what it predicts, and its model. Replace this page by your own.

`evals/applied.py` reads the names in capitals, `load` and `build`. `ENTITY = "column"` keeps all
rows of a person or device on one side of the split, `TIME = "column"` tests the newest rows.

The starter predicts how far diabetes has progressed within a year, for 442 patients whose
measurements ship inside scikit-learn.
"""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

DATASET = "diabetes"  # its id in docs/eval_pack.md
TARGET = "progression"
KIND = "regression"  # or binary, or multi-class
GROUPS = ["weight"]  # columns whose values are evaluated separately

# The smallest and the largest value that the clinic can report; s1 to s6 are of blood serum.
RANGES = {
    "age": (0.0, 120.0),
    "sex": (1.0, 2.0),
    "bmi": (10.0, 80.0),
    "bp": (30.0, 250.0),
    "s1": (0.0, 1000.0),
    "s2": (0.0, 1000.0),
    "s3": (0.0, 300.0),
    "s4": (0.0, 50.0),
    "s5": (0.0, 10.0),
    "s6": (0.0, 1000.0),
}
FEATURES = list(RANGES)


def load() -> pd.DataFrame:
    """Return one row a case: features, TARGET and GROUPS; the index is the row's id."""
    raw = load_diabetes(scaled=False)
    table = checked(pd.DataFrame(raw.data, columns=FEATURES))
    table["weight"] = np.where(table["bmi"] < 26, "lower", "higher")
    table[TARGET] = raw.target
    return table


def checked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table, or raise a ValueError that names each column out of its range."""
    wrong = [name for name, ends in RANGES.items() if not table[name].between(*ends).all()]
    if wrong:
        raise ValueError(f"missing or out of range: {', '.join(wrong)}")
    return table


def build() -> Pipeline:
    """Return the unfitted estimator; it gets all columns but TARGET, ENTITY and TIME."""
    columns = make_column_transformer((StandardScaler(), FEATURES))
    return make_pipeline(columns, Ridge())


def export(model: Pipeline) -> dict[str, Any]:
    """Return the fitted model as plain numbers: what is registered, signed and served.

    A pickle would run whatever it holds. Leave this out if nothing is served.
    """
    scaler, last = model[0].named_transformers_["standardscaler"], model[-1]
    numbers = {"mean": scaler.mean_, "scale": scaler.scale_}
    numbers |= {"weights": np.atleast_2d(last.coef_), "intercept": np.atleast_1d(last.intercept_)}
    rounded = {name: found.round(6).tolist() for name, found in numbers.items()}
    classes = [str(name) for name in getattr(last, "classes_", [])]
    return {"features": FEATURES, "classes": classes, **rounded}
