"""The shield: whatever a policy wants, nothing that is forbidden in a state of the log is left."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlcharter.evals import logs

from quay_dispatch.rl import policy, shield

LOG = logs.Log(logs.load("data/log.csv"), policy.ACTIONS)
STATES = LOG.observed.drop_duplicates()
PERMITTED = shield.permitted(STATES, policy.ACTIONS)


@given(st.integers(0, 2**32 - 1))
def test_a_shielded_policy_is_a_policy_without_what_is_forbidden(seed: int) -> None:
    generator = np.random.default_rng(seed)
    count = len(policy.ACTIONS)
    stubborn = np.eye(count)[generator.integers(0, count, len(STATES))]
    soft = generator.dirichlet(np.ones(count), len(STATES))
    for wanted in (stubborn, soft):
        safe = shield.shielded(wanted, PERMITTED)
        assert not safe[~PERMITTED].any()
        assert safe.sum(axis=1) == pytest.approx(1.0)
