"""The system: its rows, what it predicts, and its model. Write it here.

`evals/applied.py` reads the names in capitals, `load` and `build`. `ENTITY = "column"` keeps all
rows of a person or device on one side of the split, `TIME = "column"` tests the newest rows.
"""

from typing import Any

import pandas as pd

DATASET = "cases"  # its id in docs/eval_pack.md
TARGET = "outcome"
KIND = "{{ applied_kind }}"  # binary, multi-class or regression
GROUPS: list[str] = []  # columns whose values are evaluated separately


def load() -> pd.DataFrame:
    """Return one row a case: features, TARGET and GROUPS; the index is the row's id."""
    raise NotImplementedError("write load() in {{ package }}/applied/system.py")


def build() -> Any:
    """Return the unfitted estimator; it gets all columns but TARGET, ENTITY and TIME."""
    raise NotImplementedError("write build() in {{ package }}/applied/system.py")
