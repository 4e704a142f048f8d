"""Rollout: the kill-switch bets fairly, stays finite, stops what is bad and spares what is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quay_dispatch.rl import policies, rollout, shield
from quay_dispatch.rl.environment import Quay, quay

SWITCH = rollout.KillSwitch(ceiling=0.05, alpha=0.05)
TABLE = quay()
PERMITTED = shield.allowed(TABLE)


@given(st.lists(st.booleans(), min_size=1, max_size=150))
@settings(max_examples=50, deadline=None)
def test_at_the_ceiling_the_wealth_is_expected_to_stay_as_it_is(seen: list[bool]) -> None:
    """A martingale: the mean over the next episode, at the ceiling, is the wealth now."""

    def wealth(stream: list[bool]) -> float:
        return float(np.exp(SWITCH.log_wealth(stream)[-1]))

    fallen, fine = wealth([*seen, True]), wealth([*seen, False])
    assert 0.05 * fallen + 0.95 * fine == pytest.approx(wealth(seen), rel=1e-9)


def test_the_wealth_stays_finite() -> None:
    for stream in (np.ones(20_000), np.zeros(20_000)):
        assert np.isfinite(SWITCH.log_wealth(stream)).all()


def test_it_trips_by_chance_at_most_in_one_of_twenty_and_the_rate_rule_nearly_always() -> None:
    at_ceiling = np.random.default_rng(1).random((2000, 1000)) < 0.05
    assert SWITCH.trips(at_ceiling)[:, -1].mean() < 0.05
    assert rollout.rate_rule(at_ceiling, 0.05)[:, -1].mean() > 0.85


def test_a_late_change_is_seen_as_soon_as_an_early_one() -> None:
    """After 300 good episodes violations come at four times the ceiling."""
    generator = np.random.default_rng(2)
    good, bad = generator.random((500, 300)) < 0.01, generator.random((500, 400)) < 0.2
    early = SWITCH.trips(bad).argmax(axis=1)
    late = SWITCH.trips(np.concatenate([good, bad], axis=1)).argmax(axis=1) - 300
    assert np.median(late) < 1.5 * np.median(early)


def test_once_tripped_it_stays_tripped() -> None:
    stream = np.r_[np.ones(20), np.zeros(2000)]
    tripped = SWITCH.trips(stream)
    assert tripped[19]
    assert tripped[-1]


def run(policy: str, switch: rollout.KillSwitch = SWITCH) -> rollout.Canary:
    drivers = {
        "careful": policies.operator(PERMITTED, 0.9),
        "without shield along the edge": policies.operator(np.ones_like(PERMITTED), 0.6, 2),
    }
    return rollout.run_canary(
        Quay(TABLE), drivers[policy], switch, weights=(5, 25, 100), episodes=200, seed=4
    )


def test_a_careful_policy_reaches_the_end_of_the_ramp() -> None:
    went = run("careful")
    assert (went.ended, went.weights[-1], len(went.violated)) == ("finished", 100, 260)


def test_a_reckless_policy_is_killed_within_twenty_episodes() -> None:
    """It falls in more than four of ten episodes; the ramp has not reached half by then."""
    went = run("without shield along the edge")
    assert (went.ended, went.weights) == ("killed", (5, 25))
    assert len(went.violated) <= 20


def test_a_switch_that_never_trips_still_leaves_the_budget() -> None:
    """Budget: 5 % of 260 episodes are 13 violations; the 14th ends it."""
    deaf = rollout.KillSwitch(ceiling=0.05, alpha=1e-300)
    went = run("without shield along the edge", deaf)
    assert (went.ended, int(went.violated.sum())) == ("budget spent", 14)
    assert went.budget == pytest.approx(13)
