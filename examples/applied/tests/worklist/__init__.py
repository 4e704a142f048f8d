"""Masses and a model for the tests of the list."""

import math
from pathlib import Path
from typing import Any

from biopsy_triage.worklist import Mass, Model, read_model

ROOT = Path(__file__).resolve().parents[2]
SHA256 = "46956b87b84fe940eefb59dfcd3db5974238ad61cd4d8b6ed3f92ec4e9127c5c"


def model() -> Model:
    """The model of release-2026-10, which looks at one measure."""
    return read_model(ROOT / "reports/released/2026-10-model.json", SHA256)


def mass(name: str, worst: float = 0.1, **other: Any) -> Mass:
    """A mass that arrived an hour ago; `worst` is its worst concave points."""
    measures = {
        "mean_radius": 14.0,
        "mean_area": math.pi * 14.0**2,
        "worst_concave_points": worst,
    }
    words = {"site": "cork", "scanner": "4.2", "arrived": 9.0, "measured": 9.5}
    return Mass(id=name, **{**words, "measures": measures, **other})
