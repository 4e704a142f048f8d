"""The Wisconsin diagnostic breast cancer data (`wdbc`), as it ships inside scikit-learn.

569 digitised images of fine-needle aspirates: ten measures of the cell nuclei, each as mean,
standard error and worst value (the mean of the three largest).
scikit-learn codes benign as 1; here `malignant` is 1, because that is what is looked for.
"""

import pandas as pd
from sklearn.datasets import load_breast_cancer

from ..digests import sha256

NAME = "wdbc"
LABEL = "malignant"
MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
)
FEATURES = [
    *(f"mean_{measure}" for measure in MEASURES),
    *(f"error_{measure}" for measure in MEASURES),
    *(f"worst_{measure}" for measure in MEASURES),
]


def load() -> pd.DataFrame:
    """One row an image: the columns FEATURES and then LABEL; the index is the row's id."""
    raw = load_breast_cancer()
    frame = pd.DataFrame(raw.data, columns=FEATURES)
    frame[LABEL] = 1 - raw.target
    return frame


def digest(frame: pd.DataFrame) -> str:
    """The sha256 of the values with their column names, so of nothing that a file format adds."""
    columns = frame.columns.tolist()
    rows = [list(row) for row in zip(*(frame[name].tolist() for name in columns), strict=True)]
    return sha256({"columns": columns, "rows": rows})
