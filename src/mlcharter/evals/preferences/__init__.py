"""Preferences for a learned reward: the contract of the labels, and how good the labels are.

    table = preferences.load("data/preferences.csv")
    labels = preferences.Labels(table, items)  # a ContractError has all problems of the table
    earlier, later = labels.split(items[:300])
    model = bradley_terry.fit(features, earlier)
    bradley_terry.accuracy(model, features, later, seed=7)

A table has one row a label. Items are what was compared: episodes, actions or answers.

| Column | Required | Content |
|---|---|---|
| `first` | yes | the item that was shown first, or on the left |
| `second` | yes | the item that was shown second |
| `preferred` | yes | `first` or `second` |
| `rater` | yes | who labelled it |

Other columns are kept and not read. A pair has two items in any order: the same pair labelled by
two raters gives the agreement, and by one rater twice the consistency. `bradley_terry` learns a
reward from the labels, and `best_of` says what its optimisation earns.

Source: Brennan and Prediger (1981), Coefficient kappa: some uses, misuses, and alternatives.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcharter.evals import intervals
from mlcharter.evals.intervals import Estimate

Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

COLUMNS = ("first", "second", "preferred", "rater")


class ContractError(ValueError):
    """A table breaks the contract; `problems` are all of them, each with its column and row."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def load(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Return the table in a CSV file; all columns are text."""
    return pd.read_csv(path, dtype="str")


def find_problems(table: pd.DataFrame, items: Collection[str]) -> list[str]:
    """Return how a table breaks the contract, each with its column and first row.

    `items` are the names of all items that have features.
    """
    if missing := [name for name in COLUMNS if name not in table]:
        return [f"there is no column `{name}`" for name in missing]
    if table.empty:
        return ["there are no labels"]
    return list(_value_problems(table, items))


def _value_problems(table: pd.DataFrame, items: Collection[str]) -> Iterator[str]:
    for name in ("first", "second"):
        yield from _where(~table[name].isin(list(items)), name, "no item with features")
    yield from _where(table["first"] == table["second"], "second", "the same item as `first`")
    wrong = ~table["preferred"].isin(["first", "second"])
    yield from _where(wrong, "preferred", "neither `first` nor `second`")
    yield from _where(table["rater"].isna(), "rater", "missing")


def _where(wrong: pd.Series, column: str, what: str) -> Iterator[str]:
    rows = np.flatnonzero(wrong)
    if len(rows):
        yield f"`{column}` is {what} in {len(rows)} rows, first in row {rows[0]}"


@dataclass(frozen=True)
class Labels:
    """Labels that meet the contract; ContractError if they do not. `items` have features."""

    table: pd.DataFrame
    items: Collection[str]

    def __post_init__(self) -> None:
        if problems := find_problems(self.table, self.items):
            raise ContractError(problems)

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def chose_first(self) -> Bools:
        """Whether the item shown first was preferred, shape (labels,)."""
        return np.asarray(self.table["preferred"] == "first")

    @cached_property
    def pair(self) -> Ints:
        """A number for each pair of items, whatever their order, shape (labels,)."""
        both = np.sort(self.table[["first", "second"]].to_numpy(dtype=str), axis=1)
        return np.asarray(np.unique(both, axis=0, return_inverse=True)[1]).ravel()

    @cached_property
    def chose_lower(self) -> Bools:
        """Whether the item whose name sorts first was preferred: the order shown has no part."""
        shown_first = (self.table["first"] < self.table["second"]).to_numpy()
        return np.asarray(self.chose_first == shown_first)

    def split(self, earlier: Collection[str]) -> tuple[Labels, Labels]:
        """Return the labels of pairs of `earlier` items, and of pairs of the others.

        A pair with one item on each side is in neither. Raises ValueError for an empty side.
        """
        others = [item for item in self.items if item not in set(earlier)]
        parts = []
        for name, items in (("earlier", list(earlier)), ("other", others)):
            rows = self.table["first"].isin(items) & self.table["second"].isin(items)
            if not rows.any():
                raise ValueError(f"no pair has two {name} items")
            parts.append(Labels(self.table[rows].reset_index(drop=True), items))
        return parts[0], parts[1]

    def position_bias(self, *, seed: int) -> Estimate:
        """Return |2 p - 1|, where p is the share of labels that prefer what was shown first.

        0 is no bias and 1 a rater who never looks at the second item. The interval is over pairs.
        Its value can be far from 0 by chance in few labels, so gate the upper end.
        """
        signed = intervals.mean(2.0 * self.chose_first - 1, self.pair, unit="pair", seed=seed)
        ends = sorted((abs(signed.lower), abs(signed.upper)))
        least = 0.0 if signed.lower <= 0 <= signed.upper else ends[0]
        return replace(signed, value=abs(signed.value), lower=least, upper=ends[1])

    def agreement(self, *, seed: int) -> Estimate:
        """Return the chance-corrected agreement of different raters on the same pair.

        2 p - 1, where p is the mean over pairs of the share of couples of raters who prefer the
        same item: 1 is full agreement, 0 that of guesses (Brennan and Prediger with two
        categories). Of a rater's labels of one pair, the first counts. Raises ValueError if fewer
        than two pairs have two raters.
        """
        once = ~self._who.duplicated()
        return _agreement(self.pair[once], self.chose_lower[once], seed)

    def consistency(self, *, seed: int) -> Estimate:
        """Return the same of a rater with themselves, on pairs that they labelled again.

        Raises ValueError if fewer than two raters and pairs were repeated.
        """
        who = self._who.groupby(list(self._who)).ngroup().to_numpy()
        return _agreement(who, self.chose_lower, seed)

    @property
    def _who(self) -> pd.DataFrame:
        return pd.DataFrame({"pair": self.pair, "rater": self.table["rater"]})


def _agreement(group: Ints, chose: Bools, seed: int) -> Estimate:
    """The mean over groups with two labels or more of 2 p - 1, p the share of equal couples."""
    n = np.bincount(group)
    ones = np.bincount(group, weights=chose)
    several = n >= 2
    if several.sum() < 2:
        raise ValueError("fewer than two pairs were labelled twice")
    n, ones = n[several], ones[several]
    same = (ones * (ones - 1) + (n - ones) * (n - ones - 1)) / (n * (n - 1))
    return intervals.mean(2 * same - 1, unit="pair", seed=seed)
