"""The system: its rows, what it predicts, and its model. Replace this page by your own.

`evals/applied.py` reads the names in capitals, `load` and `build`. `ENTITY = "column"` keeps all
rows of a person or device on one side of the split, `TIME = "column"` tests the newest rows.

The starter learns to tell malignant from benign breast masses, from 569 rows that ship inside
scikit-learn: ten measures of cell nuclei, each as mean, standard error and worst value.
"""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

DATASET = "wdbc"  # its id in docs/eval_pack.md
TARGET = "malignant"
KIND = "binary"  # or multi-class, or regression
GROUPS = ["outline"]  # columns whose values are evaluated separately

# The largest value that the instrument can report; the smallest is 0.
LARGEST = {
    "radius": 60.0,
    "texture": 100.0,
    "perimeter": 400.0,
    "area": 10_000.0,
    "smoothness": 1.0,
    "compactness": 3.0,
    "concavity": 3.0,
    "concave_points": 1.0,
    "symmetry": 1.0,
    "fractal_dimension": 1.0,
}
FEATURES = [f"{part}_{measure}" for part in ("mean", "error", "worst") for measure in LARGEST]
RANGES = {name: (0.0, LARGEST[name.split("_", 1)[1]]) for name in FEATURES}


def load() -> pd.DataFrame:
    """Return one row a case: features, TARGET and GROUPS; the index is the row's id."""
    raw = load_breast_cancer()
    table = checked(pd.DataFrame(raw.data, columns=FEATURES))
    # Thirds by the roughness of the outline, which is nearly independent of the diagnosis.
    cuts, names = [0, 0.059, 0.0645, 1], ["smooth", "middle", "rough"]
    table["outline"] = pd.cut(table["mean_fractal_dimension"], cuts, right=False, labels=names)
    table[TARGET] = 1 - raw.target  # scikit-learn codes benign as 1
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
