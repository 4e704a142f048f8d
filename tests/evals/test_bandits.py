"""Learners in a world whose rewards are all known: regret, late and missing feedback, the log."""

import numpy as np
import pytest

from mlcharter.evals import bandits, logs, ope
from mlcharter.evals.bandits import Feedback, Floats, Ints, World

FAIR = np.full(2, 0.5)
WORLD = World(np.ones((4000, 1)), np.tile([0.2, 0.6], (4000, 1)))


class Remembering:
    """Acts at random, and remembers what it was told and when."""

    def __init__(self, chances: Floats = FAIR) -> None:
        self.chances, self.acted = chances, 0
        self.told: list[tuple[int, int, float]] = []

    def propensities(self, contexts: Floats) -> Floats:
        self.acted += len(contexts)
        return np.tile(self.chances, (len(contexts), 1))

    def update(self, contexts: Floats, actions: Ints, rewards: Floats) -> None:
        self.told += [(self.acted, int(a), float(r)) for a, r in zip(actions, rewards, strict=True)]


def test_the_regret_of_a_fixed_policy_is_what_it_loses_in_expectation() -> None:
    found = bandits.run(Remembering(np.array([0.25, 0.75])), WORLD, Feedback(), seed=1)

    assert found.regret(WORLD) == pytest.approx(0.25 * 0.4)
    assert found.exploration() == pytest.approx(0.25)
    assert WORLD.value(found.chances) == pytest.approx(0.25 * 0.2 + 0.75 * 0.6)


def test_without_delay_a_batch_is_known_after_it() -> None:
    learner = Remembering()
    found = bandits.run(learner, WORLD, Feedback(), seed=1, batch=100)

    assert [action for _, action, _ in learner.told] == found.action.tolist()
    assert [when for when, _, _ in learner.told[:101]] == [100] * 100 + [200]
    assert {(a, r) for _, a, r in learner.told} == {(0, 0.2), (1, 0.6)}


def test_a_reward_arrives_as_late_as_the_delay_says_on_average() -> None:
    contexts = np.arange(4000.0)[:, None]
    world, late = World(contexts, WORLD.rewards), []

    class Dated(Remembering):
        def update(self, contexts: Floats, actions: Ints, rewards: Floats) -> None:
            late.extend((self.acted - 1 - contexts[:, 0]).tolist())

    bandits.run(Dated(), world, Feedback(delay=30), seed=2, batch=1)

    assert np.mean(late) == pytest.approx(30, abs=1.5)
    assert min(late) == 0


def test_what_is_missing_is_never_told() -> None:
    learner = Remembering()
    found = bandits.run(learner, WORLD, Feedback(missing=[0.0, 0.5]), seed=3)

    assert len(learner.told) == found.arrived.sum()
    assert found.arrived[found.action == 0].all()
    assert found.arrived[found.action == 1].mean() == pytest.approx(0.5, abs=0.03)


def test_the_log_of_a_run_estimates_another_policy_in_spite_of_missing_rewards() -> None:
    feedback = Feedback(missing=[0.0, 0.6])
    table = bandits.run(Remembering(), WORLD, feedback, seed=4).table(WORLD, feedback)
    target = np.tile([0.1, 0.9], (len(table), 1))

    for estimator in ("ips", "snips"):
        log = logs.Log(table, ["0", "1"]).as_seen_by(target)
        found = ope.value(log, estimator, seed=1)
        assert found.lower <= WORLD.value(target) <= found.upper
        lost = logs.Log(table.assign(reward=table["reward"] * 0.4), ["0", "1"]).as_seen_by(target)
        assert ope.value(lost, estimator, seed=1).upper < WORLD.value(target)


def test_a_frozen_policy_is_told_nothing() -> None:
    learner = Remembering()
    found = bandits.run(bandits.Frozen(learner), WORLD.part(slice(100)), Feedback(), seed=1)

    assert found.chances.tolist() == [[0.5, 0.5]] * 100
    assert learner.told == []


@pytest.mark.parametrize(
    ("contexts", "rewards", "message"),
    [
        (np.ones(3), np.ones((3, 2)), "contexts have shape"),
        (np.ones((3, 1)), np.ones((2, 2)), "3 contexts have 2 rewards"),
    ],
)
def test_a_world_of_other_shapes_is_refused(
    contexts: Floats, rewards: Floats, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        World(contexts, rewards)


@pytest.mark.parametrize("wrong", [{"delay": -1.0}, {"missing": 1.0}, {"missing": [0.1, -0.1]}])
def test_a_feedback_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="delay is 0 or more"):
        Feedback(**wrong)


def test_a_learner_whose_probabilities_do_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        bandits.run(Remembering(np.array([0.5, 0.6])), WORLD, Feedback(), seed=1)
