"""Generic defects: what breaks a system on purpose, to show that a gate sees it.

Each takes data, labels, predictions or scores, and returns a broken copy; nothing is changed in
place. With one seed it always breaks in the same way. A defect that would change nothing is a
ValueError, since a gate that passes it proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def shuffle_labels(labels: pd.Series, *, seed: int) -> pd.Series:
    """Return the labels in random order: a join that lost its key. Shape (rows,)."""
    order = np.random.default_rng(seed).permutation(len(labels))
    return _changed(labels, labels.iloc[order].set_axis(labels.index))


def flip_labels(labels: pd.Series, *, share: float, seed: int) -> pd.Series:
    """Return the labels with a share of rows, drawn at random, labelled as another class.

    Each drawn row gets one of the other classes, all equally likely: careless annotation.
    """
    classes = list(labels.dropna().unique())
    if len(classes) < 2:
        raise ValueError("labels of one class cannot be flipped")
    generator = np.random.default_rng(seed)
    flipped = labels.copy()
    known = np.flatnonzero(labels.notna())
    for row in generator.choice(known, _count(share, len(known)), replace=False):
        others = [name for name in classes if name != labels.iloc[row]]
        flipped.iloc[row] = others[generator.integers(len(others))]
    return _changed(labels, flipped)


def drop_group(table: pd.DataFrame, column: str, group: Any) -> pd.DataFrame:
    """Return the table without the rows of a group: a source that was never trained on."""
    kept = table[~(_column(table, column) == group).fillna(False).to_numpy(dtype=bool)]
    return _changed(table, kept)


def blank_column(
    table: pd.DataFrame, column: str, *, share: float = 1.0, seed: int = 0
) -> pd.DataFrame:
    """Return the table with a share of a column's values missing: a feature job that failed."""
    values = _column(table, column)
    drawn = np.random.default_rng(seed).permutation(len(table)) < _count(share, len(table))
    return _changed(table, table.assign(**{column: values.mask(drawn)}))


def swap_columns(table: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """Return the table with the values of two columns exchanged: features in another order."""
    values = {one: _column(table, other), other: _column(table, one)}
    return _changed(table, table.assign(**values))


def shift_rows(table: pd.DataFrame, columns: list[str], *, by: int = 1) -> pd.DataFrame:
    """Return the table with the values of `columns` `by` rows later, the last ones first.

    A join by position instead of by key.
    """
    rows = np.roll(np.arange(len(table)), by)
    shifted = {name: _column(table, name).iloc[rows].set_axis(table.index) for name in columns}
    return _changed(table, table.assign(**shifted))


def leak_target(
    table: pd.DataFrame, labels: pd.Series, *, name: str = "leak", noise: float = 0.0, seed: int = 0
) -> pd.DataFrame:
    """Return the table with one more column that holds the label: known only afterwards.

    With `noise`, that share of its rows has the labels of other rows.
    """
    if name in table.columns:
        raise ValueError(f"there is a column {name!r} already; give `name`")
    generator = np.random.default_rng(seed)
    rows = np.arange(len(labels))
    drawn = generator.choice(rows, _count(noise, len(rows)), replace=False) if noise else rows[:0]
    rows[drawn] = generator.permutation(rows[drawn])
    return table.assign(**{name: labels.iloc[rows].to_numpy()})


def overwrite_with_labels(
    table: pd.DataFrame, labels: pd.Series, columns: Sequence[str]
) -> pd.DataFrame:
    """Return the table with the label in each of `columns`: filled in once the case is closed.

    Columns of numbers hold the label if it is a number, else its place among the labels; other
    columns hold it as text. For estimators that ignore the new column of `leak_target`.
    """
    values = labels.to_numpy()
    codes = values if values.dtype.kind in "biuf" else np.unique(values.astype(str), False, True)[1]
    found = {
        name: np.asarray(codes, dtype=np.float64)
        if _column(table, name).dtype.kind in "iuf"
        else values.astype(str)
        for name in columns
    }
    return _changed(table, table.assign(**found))


def duplicate_rows(table: pd.DataFrame, *, share: float, seed: int) -> pd.DataFrame:
    """Return the table with copies of a share of its rows at the end, with a new index.

    Done before a split, copies are on both sides of it.
    """
    generator = np.random.default_rng(seed)
    copied = generator.choice(len(table), _count(share, len(table)), replace=False)
    return table.iloc[np.r_[np.arange(len(table)), copied]].reset_index(drop=True)


def constant_prediction(predictions: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return the same prediction for every row: the model is down and a fallback answers.

    Numbers become their mean, over rows if the shape is (rows, classes); labels the most frequent.
    """
    values = np.asarray(predictions)
    if values.dtype.kind == "f":
        same = np.broadcast_to(values.mean(axis=0), values.shape).copy()
    else:
        found, counts = np.unique(values, return_counts=True)
        same = np.full_like(values, found[counts.argmax()])
    return _changed_array(values, same)


def shuffle_predictions(predictions: npt.ArrayLike, *, seed: int) -> npt.NDArray[Any]:
    """Return the predictions in random order of rows: answers reach the wrong requests."""
    values = np.asarray(predictions)
    return _changed_array(values, np.random.default_rng(seed).permutation(values))


def overconfident(probabilities: npt.ArrayLike, *, factor: float = 3.0) -> Floats:
    """Return probabilities, shape (rows,) or (rows, classes), with log-odds times `factor`.

    The ranking stays, the calibration does not; a factor below 1 makes them underconfident.
    """
    values = np.clip(np.asarray(probabilities, dtype=np.float64), 1e-12, 1 - 1e-12)
    if values.ndim == 2:
        powers = np.exp(factor * (np.log(values) - np.log(values).max(axis=1, keepdims=True)))
        return _changed_array(values, powers / powers.sum(axis=1, keepdims=True))
    odds = np.log(values) - np.log1p(-values)
    return _changed_array(values, 1 / (1 + np.exp(-np.clip(factor * odds, -700, 700))))


def degrade_scores(
    scores: npt.ArrayLike,
    *,
    share: float,
    seed: int,
    worst: float = 0.0,
    within: npt.ArrayLike | None = None,
) -> Floats:
    """Return the scores of cases, shape (cases,), with a share of them replaced by `worst`.

    With `within`, a mask of shape (cases,), the share is of those cases: one slice breaks, which
    the mean over all may hide.
    """
    values = np.asarray(scores, dtype=np.float64)
    inside = np.arange(len(values)) if within is None else np.flatnonzero(np.asarray(within))
    count = _count(share, len(inside))
    broken = values.copy()
    broken[np.random.default_rng(seed).choice(inside, count, replace=False)] = worst
    return _changed_array(values, broken)


def _count(share: float, n: int) -> int:
    """How many of `n` a share is, at least one."""
    if not 0 < share <= 1 or n == 0:
        raise ValueError(f"a share of {share} of {n} rows is nothing; give one above 0 and up to 1")
    return max(1, round(share * n))


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table.columns:
        raise ValueError(f"there is no column {name!r}; there are {', '.join(map(str, table))}")
    return table[name]


def _changed(before: Any, after: Any) -> Any:
    if before.equals(after):
        raise ValueError("the defect changes nothing on this data; use another one")
    return after


def _changed_array(before: npt.NDArray[Any], after: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if np.array_equal(before, after):
        raise ValueError("the defect changes nothing on this data; use another one")
    return after
