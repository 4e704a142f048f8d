"""Decision logs: their contract, how they are split, and what they cover.

    table = logs.load("data/log.csv")
    log = logs.Log(table, actions)  # a ContractError has all problems of the log
    earlier, later = log.split(0.5)
    target = policy.propensities(later.observed)  # (rows, actions)
    ope.value(later.as_seen_by(target), "snips", seed=7)

A log is a table with one row a decision. A bandit's episodes have one row each; a sequence has one
row a step. No simulator is needed. The columns that mean something here:

| Column | Required | Content |
|---|---|---|
| `episode` | yes | text or number, the same in all rows of an episode |
| `step` | if an episode has several rows | 0, 1, 2, … within the episode |
| `action` | yes | the name of the action that was taken |
| `propensity` | yes | the probability with which it was taken, after any shield; above 0 |
| `reward` | yes | a number |
| `allowed` | no | names of the actions that were possible (the mask), separated by spaces |
| `violation` | no | 1 if a constraint was violated by this decision, else 0 |
| `terminated` | no | 1 if the task ended here, 0 if it went on or was cut off |
| `time` | no | ISO 8601; decides which episodes are the later ones |
| `…_version` | no | versions of policy, reward and environment; recorded, not seen by a policy |

Every other column is a feature of the state, of any type; gaps are allowed there.
Rows are counted from 0: row 0 is the first one below the header.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcharter.evals import digests, ope

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

REQUIRED = ("episode", "action", "propensity", "reward")
OPTIONAL = ("step", "allowed", "violation", "terminated", "time")
VERSION = "_version"
TEXT = ("action", "allowed")
MOST_NEAR = 3  # unknown actions whose nearest known one is said
SUM = 1e-6  # by how much probabilities of one state may miss 1


def load(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Return the table in a CSV or Parquet file, as it is; Parquet needs pyarrow.

    Names of actions are text, also if they look like numbers.
    """
    if Path(path).suffix == ".parquet":
        table = pd.read_parquet(path)
        named = [name for name in TEXT if name in table]
        return table.astype(dict.fromkeys(named, "object")).assign(
            **{name: [action_name(value) for value in table[name]] for name in named}
        )
    return pd.read_csv(path, dtype=dict.fromkeys(TEXT, "object"), keep_default_na=True)


def find_problems(table: pd.DataFrame, actions: Sequence[str]) -> list[str]:
    """Return how a table breaks the contract, each with its column and first row.

    `actions` are the names of all actions, in the order of the columns of propensities.
    """
    if missing := [name for name in REQUIRED if name not in table]:
        return [_missing(name, list(table.columns)) for name in missing]
    if table.empty:
        return ["the log has no rows"]
    return [*_value_problems(table, list(actions)), *_order_problems(table)]


def _missing(name: str, columns: list[Any]) -> str:
    free = [str(c) for c in columns if c not in (*REQUIRED, *OPTIONAL)]
    near = difflib.get_close_matches(name, free, n=1)
    return f"there is no column `{name}`" + (f"; rename `{near[0]}`" if near else "")


def _value_problems(table: pd.DataFrame, actions: list[str]) -> Iterator[str]:
    """Columns one by one, and the action within the mask."""
    for name in (*REQUIRED, *(c for c in OPTIONAL if c in table and c != "allowed")):
        yield from _where(table[name].isna(), name, "missing")
    reward, propensity = (_numbers(table[name]) for name in ("reward", "propensity"))
    yield from _where(~np.isfinite(reward), "reward", "no finite number")
    yield from _where(~((propensity > 0) & (propensity <= 1)), "propensity", "not in (0, 1]")
    taken = table["action"].map(action_name)
    yield from _unknown_actions(taken, actions)
    for name in ("violation", "terminated"):
        if name in table:
            yield from _where(~np.isin(_numbers(table[name]), (0, 1)), name, "neither 0 nor 1")
    if "allowed" in table:
        masks = [set(action_name(value).split()) for value in table["allowed"]]
        unknown = [not mask or not mask <= set(actions) for mask in masks]
        yield from _where(unknown, "allowed", "no list of actions, separated by spaces")
        outside = [a not in mask for a, mask in zip(taken, masks, strict=True)]
        yield from _where(outside, "allowed", "without the action that was taken")


def _unknown_actions(taken: pd.Series, actions: list[str]) -> Iterator[str]:
    """Actions that are none of the known ones, with the nearest known one of some."""
    wrong = ~taken.isin(actions)
    for problem in _where(wrong, "action", f"none of {', '.join(actions)}"):
        near = {name: difflib.get_close_matches(name, actions, n=1) for name in set(taken[wrong])}
        found = sorted(f"`{one}` is near `{known[0]}`" for one, known in near.items() if known)
        yield "; ".join([problem, *found[:MOST_NEAR]])


def _order_problems(table: pd.DataFrame) -> Iterator[str]:
    """Steps within episodes, times, and what may only be at the end of an episode."""
    episode = table["episode"]
    if "step" not in table:
        why = "of an episode that has several rows; add the column `step`"
        yield from _where(episode.duplicated(), "episode", why)
        return
    step = _numbers(table["step"])
    order = np.lexsort((step, pd.factorize(episode)[0]))
    first = ~episode.iloc[order].duplicated().to_numpy()
    expected = np.arange(len(table)) - np.maximum.accumulate(
        np.where(first, np.arange(len(first)), 0)
    )
    wrong = np.zeros(len(table), dtype=bool)
    wrong[order] = step[order] != expected
    yield from _where(wrong, "step", "repeated, or without the one before it in its episode")
    followed = np.r_[~first[1:], False]
    if "terminated" in table:
        ended = np.zeros(len(table), dtype=bool)
        ended[order] = (_numbers(table["terminated"])[order] == 1) & followed
        yield from _where(ended, "terminated", "1 although the episode goes on")
    if "time" in table:
        yield from _time_problems(table["time"], order, followed)


def _time_problems(column: pd.Series, order: Ints, followed: Bools) -> Iterator[str]:
    times = _times(column)
    yield from _where(times.isna() & column.notna(), "time", "no ISO 8601 date or time")
    if times.notna().all():
        late = np.zeros(len(times), dtype=bool)
        sorted_ = times.iloc[order].to_numpy()
        late[order] = np.r_[False, (sorted_[1:] < sorted_[:-1]) & followed[:-1]]
        yield from _where(late, "time", "before the step that it follows")


def _where(wrong: Any, name: str, why: str) -> Iterator[str]:
    rows = np.flatnonzero(np.asarray(wrong, dtype=bool))
    if len(rows):
        more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        yield f"column `{name}` is {why} in row {rows[0]}{more}"


class ContractError(ValueError):
    """A log breaks its contract; `problems` are the results of `find_problems`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the log breaks its contract: " + "; ".join(problems))
        self.problems = problems


class Log:
    """A log that meets the contract; rows are by episode, in order of steps.

    Episodes are in order of the time of their first step if there is a column `time`, else in
    order of appearance. Raises ContractError with all problems if the contract is broken.
    """

    def __init__(self, table: pd.DataFrame, actions: Sequence[str]) -> None:
        if problems := find_problems(table, actions):
            raise ContractError(problems)
        self.actions = tuple(actions)
        rank = pd.factorize(table["episode"])[0]
        if "time" in table:
            started = _times(table["time"]).groupby(rank).min()
            rank = started.rank(method="first").to_numpy()[rank]
        step = _numbers(table["step"]) if "step" in table else np.zeros(len(table))
        self.table = table.iloc[np.lexsort((step, rank))].reset_index(drop=True)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.table)

    @property
    def states(self) -> pd.DataFrame:
        """The features of the state, what a policy sees: every column without another meaning."""
        known = {*REQUIRED, *OPTIONAL}
        names = [c for c in self.table if c not in known and not str(c).endswith(VERSION)]
        return self.table[names]

    @property
    def observed(self) -> pd.DataFrame:
        """The states, with the mask `allowed` where there is one: a policy may look at it."""
        return self.states.join(self.table[[c for c in self.table if c == "allowed"]])

    @cached_property
    def action(self) -> Ints:
        """The number of the action of each row, by `actions`."""
        number = {name: i for i, name in enumerate(self.actions)}
        return np.array(
            [number[action_name(value)] for value in self.table["action"]], dtype=np.intp
        )

    @property
    def reward(self) -> Floats:
        return _numbers(self.table["reward"])

    @property
    def propensity(self) -> Floats:
        return _numbers(self.table["propensity"])

    @cached_property
    def allowed(self) -> Bools:
        """Which actions were possible in each row, shape (rows, actions); all without a mask."""
        if "allowed" not in self.table:
            return np.ones((len(self), len(self.actions)), dtype=bool)
        masks = [set(action_name(value).split()) for value in self.table["allowed"]]
        return np.array([[action in mask for action in self.actions] for mask in masks])

    @cached_property
    def episode(self) -> Ints:
        """The number of the episode of each row, from 0 in order."""
        return np.asarray(pd.factorize(self.table["episode"])[0], dtype=np.intp)

    @cached_property
    def first(self) -> Bools:
        """Whether a row is the first one of its episode."""
        return np.asarray(np.r_[True, np.diff(self.episode) > 0])

    @cached_property
    def steps(self) -> Ints:
        """The step of each row within its episode, from 0."""
        return np.asarray(np.arange(len(self)) - np.flatnonzero(self.first)[self.episode])

    @property
    def episodes(self) -> list[Any]:
        """The names of the episodes, in order."""
        return list(self.table["episode"][self.first])

    @property
    def violation(self) -> Bools:
        """Whether each row violated a constraint; ValueError without that column."""
        if "violation" not in self.table:
            raise ValueError("the log has no column `violation`")
        return np.asarray(_numbers(self.table["violation"]) == 1)

    def violated(self) -> Bools:
        """Return whether each episode has a violation; ValueError without that column."""
        return np.bincount(self.episode, weights=self.violation) > 0

    def split(self, share: float) -> tuple[Log, Log]:
        """Return the earlier episodes and the later ones, which are `share` of all.

        No episode is on both sides; learn on the first, judge on the second.
        """
        later = self.episode >= round((1 - share) * (int(self.episode[-1]) + 1))
        if later.all() or not later.any():
            raise ValueError(f"a share of {share} leaves one side of the split without episodes")
        return self._part(~later), self._part(later)

    def _part(self, rows: Bools) -> Log:
        """Return the log of some whole episodes, whose rows are known to meet the contract."""
        part = object.__new__(Log)
        part.actions, part.table = self.actions, self.table[rows].reset_index(drop=True)
        return part

    def as_seen_by(self, target: npt.ArrayLike, **fitted: Floats) -> ope.Log:
        """Return the log for off-policy estimates of `target`, its propensities for each row.

        `target` has shape (rows, actions); `fitted` are `q` and `v` of `ope.Log`.
        """
        chances = self.checked(target)
        taken = chances[np.arange(len(self)), self.action]
        return ope.Log(self.episode, self.reward, self.propensity, taken, **fitted)

    def checked(self, target: npt.ArrayLike) -> Floats:
        """Return propensities as an array; ValueError with the row if they are none."""
        chances = np.asarray(target, dtype=np.float64)
        shape = len(self), len(self.actions)
        if chances.shape != shape:
            raise ValueError(
                f"propensities have shape (rows, actions) = {shape}, not {chances.shape}"
            )
        outside = ~((chances >= 0) & (chances <= 1)).all(axis=1)
        for wrong, why in (
            (outside, "are not in [0, 1]"),
            (np.abs(chances.sum(axis=1) - 1) > SUM, "do not add up to 1"),
        ):
            if wrong.any():
                raise ValueError(f"propensities {why} in row {np.flatnonzero(wrong)[0]}")
        return chances

    def unsupported(self, target: npt.ArrayLike) -> Bools:
        """Return in which rows the target may take an action that the log cannot tell about.

        That is one outside of the mask, or one that was never taken in the whole log. Weights
        cannot show it.
        """
        taken = np.bincount(self.action, minlength=len(self.actions)) > 0
        outside = (self.checked(target) > 0) & ~(self.allowed & taken)
        return np.asarray(outside.any(axis=1))

    def coverage(self) -> pd.DataFrame:
        """Return for each action: in how many rows it was allowed and taken, and how likely."""
        rows = []
        for number, name in enumerate(self.actions):
            taken = self.action == number
            least = float(self.propensity[taken].min()) if taken.any() else np.nan
            mean = float(self.reward[taken].mean()) if taken.any() else np.nan
            rows.append([name, int(self.allowed[:, number].sum()), int(taken.sum()), least, mean])
        names = ["action", "allowed", "taken", "least_propensity", "mean_reward"]
        return pd.DataFrame(rows, columns=names)

    def digest(self) -> str:
        """Return the digest of all columns; the order of rows does not count."""
        return digests.frame(self.table, ordered=False)


def action_name(value: Any) -> str:
    """The name of an action: 3 and 3.0 are "3", a gap is empty."""
    if digests.is_missing(value):
        return ""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value)


def _numbers(column: pd.Series) -> Floats:
    """A column as floats; what is no number becomes NaN."""
    numbers = pd.to_numeric(column, errors="coerce")
    return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan))


def _times(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
