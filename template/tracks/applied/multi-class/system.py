"""The system: its rows, what it predicts, and its model. Replace this page by your own.

`evals/applied.py` reads the names in capitals, `load` and `build`. `ENTITY = "column"` keeps all
rows of a person or device on one side of the split, `TIME = "column"` tests the newest rows.

The starter tells three cultivars of grapes apart, from seven measurements of 178 wines that ship
inside scikit-learn.
"""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

DATASET = "wine"  # its id in docs/eval_pack.md
TARGET = "cultivar"
KIND = "multi-class"  # or binary, or regression
GROUPS = ["ash_level"]  # columns whose values are evaluated separately

# The smallest and the largest value that an analysis can report.
RANGES = {
    "alcohol": (0.0, 25.0),
    "malic_acid": (0.0, 20.0),
    "ash": (0.0, 10.0),
    "alcalinity_of_ash": (0.0, 60.0),
    "magnesium": (0.0, 500.0),
    "color_intensity": (0.0, 30.0),
    "hue": (0.0, 5.0),
}
FEATURES = list(RANGES)


def load() -> pd.DataFrame:
    """Return one row a case: features, TARGET and GROUPS; the index is the row's id."""
    raw = load_wine()
    table = checked(pd.DataFrame(raw.data, columns=raw.feature_names)[FEATURES])
    table["ash_level"] = np.where(table["ash"] < 2.36, "low", "high")
    table[TARGET] = raw.target_names[raw.target]
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
    return make_pipeline(columns, LogisticRegression(max_iter=1000))


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
