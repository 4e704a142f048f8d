"""Off-policy evaluation: by hand on two episodes, on the exact value, and where it must refuse."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from quay_dispatch.rl import exact, ope, policies, shield
from quay_dispatch.rl.environment import Floats, Table, quay
from quay_dispatch.rl.limits import OpeLimits
from quay_dispatch.rl.logs import Log, simulate

TABLE = quay()
PERMITTED = shield.allowed(TABLE)
DRIVER = policies.operator(PERMITTED, 0.6)
BETTER = policies.operator(PERMITTED, 0.7)
LIMITS = OpeLimits(
    estimators=tuple(ope.ESTIMATORS),
    resamples=200,
    min_ess_ratio=0.2,
    max_weight=50,
    max_disagreement=0.1,
    go_threshold=0.02,
)


def evaluate(log: Log, policy: Floats) -> ope.Evaluation:
    return ope.evaluate(log, policy, TABLE, resamples=200, seed=1)


def test_four_episodes_of_two_steps_by_hand() -> None:
    """State 0 leads to 1 and 1 to the end; target / behaviour is 0.4 for action 0, 1.6 for 1.

    Q of the even episodes comes from the odd ones and the other way round; in the even ones
    nobody took action 0 in state 0, so that its Q is 0.
    """
    log = Log(
        episode=np.repeat([0, 1, 2, 3], 2),
        step=np.tile([0, 1], 4),
        state=np.tile([0, 1], 4),
        action=np.array([1, 1, 0, 1, 1, 0, 1, 0]),
        reward=np.array([1.0, 2, 0, 4, 2, 0, 3, 2]),
        next_state=np.tile([1, 2], 4),
        terminated=np.tile([False, True], 4),
        truncated=np.zeros(8, dtype=bool),
        violation=np.zeros(8, dtype=bool),
        behaviour=np.full((8, 2), 0.5),
    )
    end = np.array([False, False, True])
    shape = (3, 2, 3)
    table = Table(np.zeros(shape), np.zeros(shape), end, ~end, start=0, horizon=2, gamma=0.5)
    found = ope.evaluate(log, np.tile([0.2, 0.8], (3, 1)), table, resamples=200, seed=1)
    points = {name: estimate.point for name, estimate in found.values.items()}
    assert points == pytest.approx(
        {
            "ips": (4.16 + 1.28 + 3.2 + 5.44) / 4,
            "snips": 9.6 / 5.2 + 0.5 * 8.96 / 4.48,
            "dr": (-1.56 + 2.8 + 1.96 + 4.88) / 4,
            "wdr": 3.02 - 2.08 / 5.2 - 0.5 * 3.84 / 4.48,
            "fqe": 0.8 * (2 + 0.5 * 2.6) + 0.2 * (0 + 0.5 * 2.6),
        }
    )
    assert found.uplift.point == pytest.approx(2.02 - (2 + 2 + 2 + 4) / 4)
    assert found.ess_ratio.point == pytest.approx(4.48**2 / (2.56**2 + 3 * 0.64**2) / 4)
    assert found.largest_weight == pytest.approx(2.56)


def test_a_weight_that_has_fallen_by_the_end_still_counts_as_the_largest() -> None:
    """Nine tenths up, then an action that the target hardly takes: 1.8 and then 0.36."""
    half = np.array([[0.5, 0.5, 0.0, 0.0]] * 4)
    log = Log(
        episode=np.array([0, 0, 1, 1]),
        step=np.array([0, 1, 0, 1]),
        state=np.array([0, 1, 0, 1]),
        action=np.array([0, 1, 0, 1]),
        reward=np.array([1.0, 0, 0, 1]),
        next_state=np.array([1, 17, 1, 17]),
        terminated=np.array([False, True] * 2),
        truncated=np.zeros(4, dtype=bool),
        violation=np.zeros(4, dtype=bool),
        behaviour=half,
    )
    found = evaluate(log, np.tile([0.9, 0.1, 0.0, 0.0], (TABLE.states, 1)))
    assert found.largest_weight == pytest.approx(1.8)


def test_the_policy_that_made_the_log_earns_what_the_log_says() -> None:
    log = simulate(TABLE, DRIVER, 500, seed=2)
    found = evaluate(log, DRIVER)
    earned = np.bincount(log.episode, weights=log.reward * TABLE.gamma**log.step).mean()
    assert found.values["ips"].point == pytest.approx(earned)
    assert found.ess_ratio.point == pytest.approx(1.0)
    assert abs(found.uplift.point) < 4 * found.uplift.resampled.std()


@pytest.mark.parametrize("name", ope.ESTIMATORS)
def test_every_estimator_comes_to_the_exact_value(name: str) -> None:
    found = evaluate(simulate(TABLE, DRIVER, 20_000, seed=4), BETTER)
    assert found.values[name].point == pytest.approx(exact.value(TABLE, BETTER), abs=0.02)


def test_dr_survives_a_useless_q_and_fqe_needs_no_propensities() -> None:
    log = simulate(TABLE, DRIVER, 20_000, seed=4)
    seen = ope.trajectories(log, BETTER, TABLE)
    useless = replace(seen, start=np.zeros_like(seen.start), error=seen.reward)
    drawn = np.ones((1, len(seen.weight)))
    truth = exact.value(TABLE, BETTER)
    assert ope.dr(ope.Problem(useless, BETTER, TABLE), drawn) == pytest.approx(truth, abs=0.02)
    wrong = ope.trajectories(
        replace(log, behaviour=np.full_like(log.behaviour, 0.25)), BETTER, TABLE
    )
    assert ope.fqe(ope.Problem(wrong, BETTER, TABLE), drawn) == pytest.approx(truth, abs=0.02)
    assert ope.ips(ope.Problem(wrong, BETTER, TABLE), drawn) > truth + 1


def test_fqe_is_the_same_with_and_without_its_q() -> None:
    seen = ope.trajectories(simulate(TABLE, DRIVER, 200, seed=6), BETTER, TABLE)
    drawn = np.ones((1, 200))
    stages = ope.fitted_q(drawn @ seen.made, drawn @ seen.paid, BETTER, TABLE)
    start = stages[0, 0, TABLE.start] @ BETTER[TABLE.start]
    assert ope.fqe(ope.Problem(seen, BETTER, TABLE), drawn)[0] == pytest.approx(start)


def test_a_better_policy_near_the_log_is_a_go_and_a_worse_one_is_not() -> None:
    log = simulate(TABLE, DRIVER, 1000, seed=8)
    assert ope.decide(evaluate(log, BETTER), LIMITS) == "go"
    assert ope.decide(evaluate(log, policies.operator(PERMITTED, 0.5)), LIMITS) == "no-go"


def test_a_policy_the_log_hardly_contains_has_insufficient_support() -> None:
    """Better by exact value, and ips is sure of something else: the log cannot know."""
    edge = policies.operator(PERMITTED, 0.9, along=2)
    found = evaluate(simulate(TABLE, DRIVER, 1000, seed=9), edge)
    assert exact.value(TABLE, edge) > exact.value(TABLE, DRIVER) + LIMITS.go_threshold
    assert found.values["ips"].interval().upper < exact.value(TABLE, edge)
    assert "ess ratio" in ope.objections(found, LIMITS)
    assert ope.decide(found, LIMITS) == "insufficient support"


def test_an_action_that_the_behaviour_never_takes_is_noticed_although_no_weight_shows_it() -> None:
    down = shield.shielded(DRIVER, PERMITTED).copy()
    down[15] = [0.0, 0.9, 0.1, 0.0]
    found = evaluate(simulate(TABLE, DRIVER, 500, seed=9), down)
    assert "actions without support" in ope.objections(found, LIMITS)


@pytest.mark.parametrize(
    ("reason", "tighter"),
    [
        ("ess ratio", {"min_ess_ratio": 0.99}),
        ("largest weight", {"max_weight": 1.0}),
        ("estimators disagree", {"max_disagreement": 0.0}),
        ("ess ratio", {"min_ess_ratio": float("nan")}),
    ],
)
def test_each_limit_refuses_on_its_own(reason: str, tighter: dict[str, Any]) -> None:
    found = evaluate(simulate(TABLE, DRIVER, 500, seed=9), BETTER)
    assert ope.objections(found, LIMITS) == []
    assert ope.objections(found, replace(LIMITS, **tighter)) == [reason]


def test_the_bound_decides_and_not_the_point() -> None:
    found = evaluate(simulate(TABLE, DRIVER, 500, seed=9), BETTER)
    ess, disagreement = found.ess_ratio, found.disagreement
    between = (ess.point + ess.interval().lower) / 2
    assert ope.objections(found, replace(LIMITS, min_ess_ratio=between)) == ["ess ratio"]
    between = (disagreement.point + disagreement.interval().upper) / 2
    tighter = replace(LIMITS, max_disagreement=between)
    assert ope.objections(found, tighter) == ["estimators disagree"]


def test_an_interval_of_width_0_is_no_support() -> None:
    """All logged rewards are 0: every estimator is sure, and knows nothing."""
    log = simulate(TABLE, DRIVER, 300, seed=9)
    silent = replace(log, reward=np.zeros(len(log)))
    assert "interval of width 0" in ope.objections(evaluate(silent, BETTER), LIMITS)


def test_whole_episodes_are_resampled() -> None:
    drawn = ope.resampled(50, 20, seed=1)
    assert drawn.shape == (20, 50)
    assert (drawn.sum(axis=1) == 50).all()


def test_a_log_without_any_weight_is_refused_and_not_a_crash() -> None:
    """The target never does what was logged, so that every weight is 0."""
    log = simulate(TABLE, DRIVER, 50, seed=9)
    never = np.eye(4)[np.full(TABLE.states, 2)]
    assert ope.decide(evaluate(log, never), LIMITS) == "insufficient support"
