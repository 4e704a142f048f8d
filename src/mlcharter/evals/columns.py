"""Columns of a DataFrame as numbers, whatever their types, with missing values kept missing."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcharter.evals import digests

Floats = npt.NDArray[np.float64]


def is_measure(column: pd.Series) -> bool:
    """Return whether differences of values mean something: numbers, dates and durations."""
    kinds = pd.api.types
    if kinds.is_bool_dtype(column):
        return False
    return bool(
        kinds.is_numeric_dtype(column)
        or kinds.is_datetime64_any_dtype(column)
        or kinds.is_timedelta64_dtype(column)
    )


def measures(column: pd.Series) -> Floats:
    """Return a column of numbers, dates or durations as floats (dates in seconds), gaps as NaN."""
    if not pd.api.types.is_numeric_dtype(column):
        moments = column.astype(object)
        origin = pd.Timestamp(0, tz=getattr(column.dtype, "tz", None))
        shift = origin if pd.api.types.is_datetime64_any_dtype(column) else pd.Timedelta(0)
        return np.array(
            [np.nan if pd.isna(m) else (m - shift).total_seconds() for m in moments], np.float64
        )
    numbers: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def codes(column: pd.Series) -> Floats:
    """Return a column of categories, text, truth values or mixed types as codes, gaps as NaN.

    Equal values have equal codes, in the order of their first appearance. Raises ValueError for a
    value that has no canonical form, with column and row.
    """
    known: dict[bytes, int] = {}
    found = np.full(len(column), np.nan)
    for row, value in enumerate(column.astype(object).tolist()):
        if not digests.is_missing(value):
            found[row] = known.setdefault(digests.cell(value, column.name, row), len(known))
    return found


def encoded(table: pd.DataFrame) -> Floats:
    """Return all columns as floats, shape (rows, columns): `measures` or `codes` of each."""
    found = [measures(c) if is_measure(c) else codes(c) for c in _columns(table)]
    return np.column_stack(found) if found else np.empty((len(table), 0))


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with `measures` as floats and all else as text, "missing" for its gaps."""
    found = [pd.Series(measures(c)) if is_measure(c) else _texts(c) for c in _columns(table)]
    names = list(table.columns)
    whole = pd.concat(found, axis="columns", keys=range(len(found))) if found else pd.DataFrame()
    return whole.set_axis(names, axis="columns").set_axis(table.index)


def _texts(column: pd.Series) -> pd.Series:
    values = column.astype(object).tolist()
    texts = ["missing" if digests.is_missing(value) else str(value) for value in values]
    return pd.Series(texts, dtype=object)


def _columns(table: pd.DataFrame) -> list[Any]:
    return [table.iloc[:, i] for i in range(table.shape[1])]
