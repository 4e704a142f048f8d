"""Splits into training and test rows, and scans for what lies on both sides of one.

A split by hash never moves old rows when new ones arrive, and no random stream of some library
version is involved.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from mlcharter.evals import columns, digests

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Split:
    """Which rows are trained on and which are tested, as masks of shape (rows,).

    No row is in both; a row in neither is left out, such as those between two times.
    """

    train: Mask
    test: Mask

    def __post_init__(self) -> None:
        if self.train.shape != self.test.shape or (self.train & self.test).any():
            raise ValueError("a row is in training or in test, not in both")
        for side in ("train", "test"):
            if not getattr(self, side).any():
                raise ValueError(f"no row is in {side}; change the share, the time or the salt")

    def digest(self, ids: Sequence[Any]) -> str:
        """Return the digest of the ids, shape (rows,), of the test rows in any order."""
        if len(ids) != len(self.test):
            raise ValueError(f"{len(ids)} ids for {len(self.test)} rows")
        chosen = [{"id": id} for id, test in zip(ids, self.test, strict=True) if test]
        return digests.rows(chosen, ordered=False)


def by_group(groups: Sequence[Any] | pd.Series, *, share: float, salt: str) -> Split:
    """Put each group wholly on one side: a person, a device, a site.

    `groups` has shape (rows,) and no missing labels. A group is tested if the hash of `salt` and
    its label falls below `share`, so the share of rows is met on average over groups only.
    Another salt draws another test set.
    """
    labels = _labels(groups, "group")
    tested = np.array([_position(salt, label) < share for label in labels])
    return Split(~tested, tested)


def by_content(table: pd.DataFrame, *, share: float, salt: str) -> Split:
    """Put rows with equal values in all columns of `table` on one side; leave out the label.

    Case and runs of spaces of text do not count.
    """
    keys = pd.Series(_keys(table, range(table.shape[1])))
    return by_group(keys, share=share, salt=salt)


def by_time(
    times: pd.Series,
    *,
    cutoff: Any,
    groups: Sequence[Any] | pd.Series | None = None,
    gap: Any = None,
) -> Split:
    """Train on rows before `cutoff`, test on those from it on.

    With `gap`, training ends that much before the cutoff, for labels that arrive late. With
    `groups`, rows of a group that is trained on are left out of the test. A missing time is a
    ValueError.
    """
    if times.isna().any():
        row = int(np.flatnonzero(times.isna())[0])
        raise ValueError(f"row {row} has no time; give it one, or leave the row out")
    train = (times < (cutoff if gap is None else cutoff - gap)).to_numpy(dtype=bool)
    test = (times >= cutoff).to_numpy(dtype=bool)
    if groups is not None:
        labels = np.array(_codes(_labels(groups, "group")))
        test = test & ~np.isin(labels, labels[train])
    return Split(train, test)


def newest(times: pd.Series, share: float) -> Any:
    """Return the cutoff for `by_time` from which the newest `share` of rows is tested."""
    ordered = times.dropna().sort_values(kind="stable")
    place = min(int(len(ordered) * (1 - share)), len(ordered) - 1)
    return ordered.iloc[place]


def shared_groups(groups: Sequence[Any] | pd.Series, split: Split) -> list[Any]:
    """Return the labels that are on both sides, in order of appearance; each of them is a leak."""
    labels = _labels(groups, "group")
    trained = {label for label, train in zip(labels, split.train, strict=True) if train}
    tested = dict.fromkeys(label for label, test in zip(labels, split.test, strict=True) if test)
    return [label for label in tested if label in trained]


def near_duplicates(table: pd.DataFrame, split: Split, *, tolerance: float = 0.01) -> Rows:
    """Return pairs (test row, training row) that say almost the same, shape (pairs, 2).

    One pair for each test row that has one, with its nearest training row. Two rows are
    near-duplicates if numbers, dates and durations differ by at most `tolerance` standard
    deviations in every column, and all else is equal: the same gaps, and text apart from case and
    runs of spaces. Leave ids and the label out of `table`.
    """
    if not 0 <= tolerance < 1:
        raise ValueError(f"a tolerance is a part of a standard deviation, not {tolerance}")
    exact, scaled = [], []
    for i in range(table.shape[1]):
        column = table.iloc[:, i]
        if not columns.is_measure(column):
            exact.append(i)
            continue
        values = columns.measures(column)
        if np.isfinite(values).any():  # where there are gaps only, the pattern of gaps decides
            centred = values - np.nanmean(values)
            scaled.append(np.nan_to_num(centred) / (float(np.nanstd(values)) or 1.0))
    gaps = table.isna().to_numpy()
    keys = [(key, tuple(row)) for key, row in zip(_keys(table, exact), gaps.tolist(), strict=True)]
    # Rows of other keys are 2 apart, further than any tolerance.
    points = np.column_stack([2.0 * np.array(_codes(keys)), *scaled])
    tests, trains = np.flatnonzero(split.test), np.flatnonzero(split.train)
    reach = np.nextafter(tolerance + 1e-12, 1.0)  # a bound that includes the tolerance itself
    distances, nearest = cKDTree(points[trains]).query(
        points[tests], p=np.inf, distance_upper_bound=reach
    )
    near = np.isfinite(distances)
    return np.column_stack([tests[near], trains[nearest[near]]])


def near_duplicate_texts(
    texts: Sequence[str], split: Split, *, threshold: float = 0.8, width: int = 5
) -> Rows:
    """Return pairs (test row, training row) of texts that are almost the same, shape (pairs, 2).

    One pair for each test row that has one, with the most similar training row. Similar means that
    the sets of `width` successive characters (case and runs of spaces apart) have a Jaccard index
    of at least `threshold`. Exact: candidates come from prefixes of rare parts, which every similar
    pair must share (Bayardo, Ma and Srikant 2007, Scaling up all pairs similarity search).
    """
    if not 0 < threshold <= 1 or width < 1:
        raise ValueError(f"threshold {threshold} is above 0 and up to 1, width {width} above 0")
    parts = [_shingles(text, width) for text in texts]
    counts = Counter(part for found in parts for part in found)
    rank = {part: i for i, part in enumerate(sorted(counts, key=lambda p: (counts[p], p)))}
    ranked = [sorted(rank[part] for part in found) for found in parts]
    prefixes = [row[: len(row) - math.ceil(threshold * len(row) - 1e-9) + 1] for row in ranked]
    index: dict[int, list[int]] = {}
    for row in np.flatnonzero(split.train).tolist():
        for part in prefixes[row]:
            index.setdefault(part, []).append(row)
    pairs = []
    for row in np.flatnonzero(split.test).tolist():
        candidates = dict.fromkeys(c for part in prefixes[row] for c in index.get(part, ()))
        scored = [(_jaccard(parts[row], parts[c]), -c) for c in candidates]
        best = max(scored, default=(0.0, 0))
        if best[0] >= threshold - 1e-9:
            pairs.append((row, -best[1]))
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def _shingles(text: str, width: int) -> frozenset[str]:
    plain = _normalised(text)
    return frozenset(plain[i : i + width] for i in range(max(1, len(plain) - width + 1)))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _position(salt: str, label: Any) -> float:
    """A number from 0 to 1 that depends on nothing but salt and label."""
    key = digests.canonical([salt, digests.cell(label, "group", 0).decode()])
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big") / 2**64


def _labels(groups: Sequence[Any] | pd.Series, what: str) -> list[Any]:
    labels: list[Any] = pd.Series(groups).astype(object).tolist()
    for row, label in enumerate(labels):
        if digests.is_missing(label):
            raise ValueError(f"row {row} has no {what}; give it one, or leave the row out")
    return labels


def _keys(table: pd.DataFrame, positions: Sequence[int] | range) -> list[str]:
    """Each row's values in some columns as one text; case and spaces of text do not count."""
    cells = [
        [
            digests.cell(_normalised(value), table.columns[i], row).decode()
            for row, value in enumerate(table.iloc[:, i].astype(object).tolist())
        ]
        for i in positions
    ]
    return [",".join(row) for row in zip(*cells, strict=True)] if cells else [""] * len(table)


def _normalised(value: Any) -> Any:
    return " ".join(value.casefold().split()) if isinstance(value, str) else value


def _codes(keys: Sequence[Hashable]) -> list[int]:
    known: dict[Hashable, int] = {}
    return [known.setdefault(key, len(known)) for key in keys]
