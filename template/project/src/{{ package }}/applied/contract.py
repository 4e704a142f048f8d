"""What a row must look like before anything is learned from it.

Ranges are what the instrument can report, with room on both sides; they are not the extremes of
this sample, which would refuse the next patient.
"""

import numpy as np
import pandas as pd
import pandera.pandas as pa

from .data import FEATURES, LABEL, MEASURES

# Upper ends in the data's own units: lengths in image units, the rest are ratios.
_LARGEST = {
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


def _range(feature: str) -> pa.Column:
    measure = feature.split("_", 1)[1]
    return pa.Column(float, pa.Check.in_range(0.0, _LARGEST[measure]), nullable=False)


def _worst_is_worst(frame: pd.DataFrame) -> pd.Series:
    ordered = [frame[f"worst_{measure}"] >= frame[f"mean_{measure}"] for measure in MEASURES]
    return pd.concat(ordered, axis="columns").all(axis="columns")


def _area_fits_radius(frame: pd.DataFrame) -> pd.Series:
    """A nucleus is nearly round, so that a column in another unit is seen at once."""
    ratio = frame["mean_area"] / (np.pi * frame["mean_radius"] ** 2)
    return ratio.between(0.75, 1.25)


SCHEMA = pa.DataFrameSchema(
    {
        **{feature: _range(feature) for feature in FEATURES},
        LABEL: pa.Column(int, pa.Check.isin([0, 1]), nullable=False),
    },
    checks=[
        pa.Check(_worst_is_worst, name="worst is at least the mean"),
        pa.Check(_area_fits_radius, name="area fits the radius"),
    ],
    index=pa.Index(int, unique=True),
    strict=True,
    ordered=True,
)


def validated(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` unchanged, or a pandera SchemaErrors that lists every violation, not the first."""
    return SCHEMA.validate(frame, lazy=True)
