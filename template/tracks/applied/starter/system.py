{%- set loader = {"binary": "load_breast_cancer", "multi-class": "load_wine", "regression": "load_diabetes"}[applied_kind] -%}
{%- set estimator = "Ridge" if applied_kind == "regression" else "LogisticRegression" -%}
{%- set model = "Ridge()" if applied_kind == "regression" else "LogisticRegression(max_iter=1000)" -%}
"""The system: its rows, what it predicts, and its model. Replace this page by your own.

`evals/applied.py` reads the names in capitals, `load` and `build`. `ENTITY = "column"` keeps all
rows of a person or device on one side of the split, `TIME = "column"` tests the newest rows.

{% include "template/tracks/applied/" ~ applied_kind ~ "/about.txt" %}"""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.datasets import {{ loader }}
from sklearn.linear_model import {{ estimator }}
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

{% include "template/tracks/applied/" ~ applied_kind ~ "/rows.py" %}

def checked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table, or raise a ValueError that names each column out of its range."""
    wrong = [name for name, ends in RANGES.items() if not table[name].between(*ends).all()]
    if wrong:
        raise ValueError(f"missing or out of range: {', '.join(wrong)}")
    return table


def build() -> Pipeline:
    """Return the unfitted estimator; it gets all columns but TARGET, ENTITY and TIME."""
    columns = make_column_transformer((StandardScaler(), FEATURES))
    return make_pipeline(columns, {{ model }})


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
