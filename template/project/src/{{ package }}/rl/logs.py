"""Logged episodes with the probabilities that the behaviour policy gave to every action.

Without those probabilities nothing can be said about another policy, so the log's contract asks
for them: `problems` lists every way in which a log breaks it.
"""

import hashlib
from dataclasses import dataclass, fields
from typing import Any

import gymnasium
import numpy as np

from ..digests import sha256
from .environment import Bools, Floats, Ints, Table

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Log:
    """n steps in the order in which they happened; `behaviour` is (n, A), the rest (n,)."""

    episode: Ints
    step: Ints
    state: Ints
    action: Ints
    reward: Floats
    next_state: Ints
    terminated: Bools
    truncated: Bools
    violation: Bools
    behaviour: Floats

    def __len__(self) -> int:
        return len(self.episode)

    @property
    def propensity(self) -> Floats:
        """The probability (n,) of the action that was taken."""
        return np.asarray(self.behaviour[np.arange(len(self)), self.action])

    @property
    def episodes(self) -> Ints:
        """The ids of the episodes, in order of time."""
        return np.asarray(self.episode[np.sort(np.unique(self.episode, return_index=True)[1])])

    def where(self, rows: Bools) -> "Log":
        """The steps at which `rows` (n,) is true."""
        return Log(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def digest(self) -> str:
        """The sha256 of the values, nine digits of each, whatever machine they came from."""
        columns = {}
        for column in fields(self):
            values = getattr(self, column.name)
            real = values.dtype.kind == "f"
            plain = values.round(9).astype("<f8") if real else values.astype("<i8")
            columns[column.name] = hashlib.sha256(plain.tobytes()).hexdigest()
        return sha256(columns)


def collect(
    env: gymnasium.Env[np.int64, np.int64], policy: Floats, episodes: int, *, seed: int
) -> Log:
    """Run `policy` (S, A) in a gymnasium environment and log it; episode ids count up from 0.

    Actions are drawn from another stream than the environment's: with one seed for both, the wind
    would blow exactly where the policy hesitates.
    """
    generator = np.random.default_rng([seed, 1])
    choices = policy.cumsum(axis=1)
    rows: list[tuple[Any, ...]] = []
    env.reset(seed=seed)
    for episode in range(episodes):
        state, _ = env.reset()
        terminated = truncated = False
        step = 0
        while not (terminated or truncated):
            action = _draw(choices[state][None], generator)[0]
            after, reward, terminated, truncated, info = env.step(action)
            end = (terminated, truncated, info["violation"])
            rows.append((episode, step, state, action, reward, after, *end, policy[state]))
            state, step = after, step + 1
    return Log(*(np.array(column) for column in zip(*rows, strict=True)))


def simulate(table: Table, policy: Floats, episodes: int, *, seed: int) -> Log:
    """The same as `collect` for a table, all episodes at once: a hundred times as fast."""
    generator = np.random.default_rng(seed)
    ways, choices = table.transition.cumsum(axis=2), policy.cumsum(axis=1)
    running, state = np.arange(episodes), np.full(episodes, table.start)
    parts: list[tuple[Any, ...]] = []
    for step in range(table.horizon):
        action = _draw(choices[state], generator)
        after = _draw(ways[state, action], generator)
        terminated = table.terminal[after]
        truncated = ~terminated & (step == table.horizon - 1)
        reward, steps = table.reward[state, action, after], np.full(len(running), step)
        end = (terminated, truncated, table.violation[after])
        parts.append((running, steps, state, action, reward, after, *end, policy[state]))
        running, state = running[~terminated], after[~terminated]
    order = np.argsort(np.concatenate([part[0] for part in parts]), kind="stable")
    return Log(*(np.concatenate(column)[order] for column in zip(*parts, strict=True)))


def _draw(cumulated: Floats, generator: np.random.Generator) -> Ints:
    """One index for each row of cumulated probabilities (n, k)."""
    drawn = generator.random((len(cumulated), 1)) * cumulated[:, -1:]
    return np.asarray((cumulated <= drawn).sum(axis=1), dtype=np.int64)


def halves(log: Log) -> tuple[Log, Log]:
    """The earlier and the later half of the episodes: learn on one, evaluate on the other."""
    ids = log.episodes
    early = np.isin(log.episode, ids[: len(ids) // 2])
    return log.where(early), log.where(~early)


def problems(log: Log, states: int) -> list[str]:
    """How `log` breaks the contract of logs; an empty list if it holds."""
    starts = np.flatnonzero(np.r_[True, log.episode[1:] != log.episode[:-1]])
    first = np.zeros(len(log), dtype=bool)
    first[starts] = True
    last = np.r_[first[1:], True]
    since = np.arange(len(log)) - np.repeat(starts, np.diff(np.r_[starts, len(log)]))
    chained = log.next_state[:-1] == log.state[1:]
    taken = log.propensity
    checks = {
        "an episode id is used twice": len(starts) != len(np.unique(log.episode)),
        "steps of an episode do not count up from 0": bool((log.step != since).any()),
        "the probabilities of a step do not add up to 1": bool(
            (np.abs(log.behaviour.sum(axis=1) - 1) > TOLERANCE).any()
        ),
        "a probability is outside [0, 1]": bool(
            ((log.behaviour < 0) | (log.behaviour > 1 + TOLERANCE)).any()
        ),
        "an action was taken that had probability 0": bool((~(taken > 0)).any()),
        "a step is both terminated and truncated": bool((log.terminated & log.truncated).any()),
        "an episode does not end where it should": bool(
            ((log.terminated | log.truncated) != last).any()
        ),
        "a state is unknown": bool(
            (np.minimum(log.state, log.next_state) < 0).any()
            or (np.maximum(log.state, log.next_state) >= states).any()
        ),
        "a step does not begin where the last one ended": bool((~chained & ~last[:-1]).any()),
        "a reward is not finite": bool((~np.isfinite(log.reward)).any()),
    }
    return [problem for problem, found in checks.items() if found]
