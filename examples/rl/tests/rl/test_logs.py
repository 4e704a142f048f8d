"""Logs: what gymnasium writes keeps the contract, and every way of breaking it is found."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from quay_dispatch.rl import exact, policies, shield
from quay_dispatch.rl.environment import CRANE, WATER, Quay, quay
from quay_dispatch.rl.logs import Log, collect, halves, problems, simulate

TABLE = quay(wind=0.1)
DRIVER = policies.operator(shield.allowed(TABLE), 0.6)
LOG = collect(Quay(TABLE), DRIVER, 300, seed=3)


def test_a_collected_log_keeps_the_contract() -> None:
    assert problems(LOG, TABLE.states) == []
    assert problems(simulate(TABLE, DRIVER, 300, seed=3), TABLE.states) == []


def changed(column: str, row: int, value: object) -> Callable[[Log], Log]:
    def change(log: Log) -> Log:
        values = getattr(log, column).copy()
        values[row] = value
        return replace(log, **{column: values})

    return change


LAST_OF_FIRST = int(np.flatnonzero(LOG.episode == 0)[-1])
BROKEN = {
    "an episode id is used twice": lambda log: replace(log, episode=log.episode % 7),
    "steps of an episode do not count up from 0": changed("step", 1, 5),
    "the probabilities of a step do not add up to 1": changed("behaviour", 2, [0.3] * 4),
    "a probability is outside [0, 1]": changed("behaviour", 2, [-0.5, 0.5, 0.5, 0.5]),
    "an action was taken that had probability 0": changed(
        "behaviour", 2, np.eye(4)[(LOG.action[2] + 1) % 4]
    ),
    "a step is both terminated and truncated": lambda log: replace(
        log, terminated=log.terminated | log.truncated, truncated=log.terminated | log.truncated
    ),
    "an episode does not end where it should": changed("terminated", LAST_OF_FIRST, False),
    "a state is unknown": changed("next_state", LAST_OF_FIRST, WATER + 1),
    "a step does not begin where the last one ended": changed("next_state", 0, CRANE),
    "a reward is not finite": changed("reward", 4, np.nan),
}


@pytest.mark.parametrize("problem", BROKEN)
def test_a_broken_log_is_found(problem: str) -> None:
    assert problem in problems(BROKEN[problem](LOG), TABLE.states)


def test_no_episode_stands_on_both_sides_of_the_split_and_the_earlier_ones_come_first() -> None:
    early, late = halves(LOG)
    assert len(early) + len(late) == len(LOG)
    assert early.episode.max() < late.episode.min()


def test_gymnasium_and_the_table_are_the_same_world() -> None:
    """Both samplers move and pay as the table says; actions and wind come from separate streams."""
    for log in (collect(Quay(TABLE), DRIVER, 2000, seed=5), simulate(TABLE, DRIVER, 2000, seed=5)):
        chances = TABLE.transition[log.state, log.action, log.next_state]
        assert (chances > 0).all()
        assert (log.reward == TABLE.reward[log.state, log.action, log.next_state]).all()
        falls = log.violation.sum() / 2000
        assert falls == pytest.approx(exact.violation_rate(TABLE, DRIVER), abs=0.03)
        earned = np.bincount(log.episode, weights=log.reward * TABLE.gamma**log.step)
        error = earned.std() / np.sqrt(len(earned))
        assert abs(earned.mean() - exact.value(TABLE, DRIVER)) < 4 * error


def test_the_digest_follows_the_values() -> None:
    again = collect(Quay(TABLE), DRIVER, 300, seed=3)
    assert again.digest() == LOG.digest()
    assert changed("reward", 0, 0.5)(LOG).digest() != LOG.digest()
