"""The shield: nothing on the list gets through, whatever a policy wants."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quay_dispatch.rl import shield
from quay_dispatch.rl.environment import Quay, quay

TABLE = quay(wind=0.05)
PERMITTED = shield.allowed(TABLE)


class Recording(Quay):
    """Keeps the pairs that reach the world."""

    def __init__(self) -> None:
        super().__init__(TABLE)
        self.pairs: list[tuple[int, int]] = []

    def step(self, action: np.int64) -> tuple[np.int64, float, bool, bool, dict[str, object]]:
        self.pairs.append((int(self._state), int(action)))
        return super().step(action)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200), st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_no_listed_pair_reaches_the_world(actions: list[int], seed: int) -> None:
    world = Recording()
    env = shield.Shield(world, PERMITTED)
    env.reset(seed=seed)
    for action in actions:
        state = world._state
        _, _, terminated, truncated, info = env.step(np.int64(action))
        assert info["blocked"] == ((state, action) in shield.UNSAFE)
        if terminated or truncated:
            env.reset()
    assert not set(world.pairs) & set(shield.UNSAFE)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_a_shielded_policy_is_a_policy_without_the_listed_pairs(seed: int) -> None:
    generator = np.random.default_rng(seed)
    wants = np.eye(4)[generator.integers(0, 4, TABLE.states)]
    soft = generator.dirichlet(np.ones(4), TABLE.states)
    for policy in (wants, soft):
        safe = shield.shielded(policy, PERMITTED)
        assert all(safe[pair] == 0 for pair in shield.UNSAFE)
        assert safe.sum(axis=1) == pytest.approx(1.0)


def test_the_list_names_every_risky_pair_and_a_storm_is_noticed() -> None:
    assert shield.missing(quay()) == ()
    assert len(shield.missing(quay(wind=0.2))) > 0


def test_a_state_without_any_permitted_action_is_an_error() -> None:
    everything = tuple((3, action) for action in range(4))
    with pytest.raises(ValueError, match=r"no action is left in states \[3\]"):
        shield.allowed(TABLE, everything)
