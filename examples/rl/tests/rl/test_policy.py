"""The policy keeps its contract in every state of the log."""

from mlcharter.evals import logs

from quay_dispatch.rl import policy

LOG = logs.Log(logs.load("data/log.csv"), policy.ACTIONS)


def test_the_policy_sees_features_of_the_log() -> None:
    assert set(policy.FEATURES) <= set(LOG.observed)


def test_each_state_has_probabilities_that_add_up_to_1() -> None:
    found = LOG.checked(policy.propensities(LOG.observed))

    assert found.shape == (len(LOG), len(policy.ACTIONS))
