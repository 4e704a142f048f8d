"""Learners from a log: what pessimism is worth where the log covers little."""

import numpy as np

from quay_dispatch.rl import exact, learners, policies, shield
from quay_dispatch.rl.environment import ACTIONS, Floats, quay
from quay_dispatch.rl.logs import Log, simulate

TABLE = quay()
CAREFUL = policies.operator(shield.allowed(TABLE), 0.97)
NARROW = [simulate(TABLE, CAREFUL, 200, seed=seed) for seed in range(20)]


def greedy(log: Log, penalty: float) -> Floats:
    return policies.greedy(learners.penalised_q(log, TABLE, penalty)[0])


def test_on_narrow_logs_the_pessimist_beats_cloning_and_the_plain_learner_loses_to_it() -> None:
    pessimist = np.mean([exact.value(TABLE, greedy(log, learners.PENALTY)) for log in NARROW])
    plain = np.mean([exact.value(TABLE, greedy(log, 0.0)) for log in NARROW])
    cloned = np.mean([exact.value(TABLE, learners.cloned(log, TABLE)) for log in NARROW])
    assert plain < cloned < pessimist


def test_on_a_broad_log_pessimism_costs_nothing() -> None:
    log = simulate(TABLE, policies.operator(shield.allowed(TABLE), 0.3), 5000, seed=1)
    plain = exact.value(TABLE, greedy(log, 0.0))
    assert exact.value(TABLE, greedy(log, learners.PENALTY)) >= plain - 0.01


def test_a_pair_that_was_never_seen_is_never_chosen_over_one_that_was() -> None:
    log = NARROW[0]
    seen = learners.visits(log, TABLE)
    chosen = learners.penalised_q(log, TABLE, learners.PENALTY)[0].argmax(axis=1)
    visited = np.flatnonzero(seen.any(axis=1) & ~TABLE.terminal)
    assert (seen[visited, chosen[visited]] > 0).all()


def test_cloning_and_the_logged_behaviour_come_back_to_who_drove() -> None:
    log = simulate(TABLE, CAREFUL, 5000, seed=1)
    often = learners.visits(log, TABLE).sum(axis=1) > 2000
    assert np.abs(learners.cloned(log, TABLE) - CAREFUL)[often].max() < 0.02
    known = learners.visits(log, TABLE).any(axis=1)
    assert (learners.logged_behaviour(log, TABLE)[known] == CAREFUL[known]).all()


def test_without_wind_the_best_way_is_the_edge() -> None:
    calm = exact.optimal(quay(wind=0.0))[0]
    assert ACTIONS[calm[TABLE.start].argmax()] == "right"


def test_the_best_policy_is_nearly_the_drivers_own_way_without_random_moves() -> None:
    """What the data card says: an uplift here shows that the instruments work, and no more."""
    best = exact.value(TABLE, policies.greedy(exact.optimal(TABLE)))
    own_way = exact.value(TABLE, policies.operator(shield.allowed(TABLE), 1.0))
    assert best - 0.002 < own_way < best
