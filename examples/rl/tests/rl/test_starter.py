"""The starter: its log, policy and shield are what its simulator makes of them.

Delete this file with simulator.py, learn.py and policy.json when you bring your own log.
"""

import json
from pathlib import Path

import pandas as pd
import pytest
from mlcharter.evals import fitted, logs, ope

from quay_dispatch.rl import learn, policy, shield, simulator

LOG = logs.load("data/log.csv")


def test_the_log_in_the_repository_is_the_one_that_the_simulator_writes(tmp_path: Path) -> None:
    simulator.write(tmp_path / "log.csv")

    assert (tmp_path / "log.csv").read_bytes() == Path("data/log.csv").read_bytes()


def test_the_policy_in_the_repository_is_learned_from_the_earlier_half() -> None:
    early = logs.Log(LOG, policy.ACTIONS).split(0.5)[0].table

    content = json.loads(policy.FILE.read_text(encoding="utf-8"))
    assert learn.learned(early) == content["cells"]
    assert learn.baseline() == content["baseline"]


def test_the_shield_lists_every_move_into_the_water() -> None:
    into = {
        (f"r{row}c{column}", move)
        for row, column in simulator.CELLS
        for move in simulator.MOVES
        if simulator.moved((row, column), move) == simulator.WATER
    }
    assert into == shield.UNSAFE


def test_the_estimate_holds_the_exact_value() -> None:
    cells = json.loads(policy.FILE.read_text(encoding="utf-8"))["cells"]
    served = {
        (int(cell[1]), int(cell[3])): dict(zip(policy.ACTIONS, chances, strict=True))
        for cell, chances in cells.items()
    }
    later = logs.Log(LOG, policy.ACTIONS).split(0.5)[1]
    target = policy.propensities(later.states)
    seen = later.as_seen_by(target, **fitted.cross_fitted(later, target, discount=simulator.GAMMA))

    found = ope.value(seen, "dr", discount=simulator.GAMMA, seed=1)

    assert found.lower <= simulator.value(served) <= found.upper


def test_the_pessimist_never_chooses_what_was_never_seen() -> None:
    best = learn.penalised_best(LOG)
    taken = set(zip(LOG["cell"], LOG["action"], strict=True))

    assert {(cell, policy.ACTIONS[action]) for cell, action in best.items()} <= taken


def test_every_unsafe_pair_is_stopped() -> None:
    for cell, action in shield.UNSAFE:
        state = pd.DataFrame({"cell": [cell]})
        assert not shield.permitted(state, policy.ACTIONS)[0, policy.ACTIONS.index(action)]


def test_a_state_without_any_permitted_action_is_an_error() -> None:
    with pytest.raises(ValueError, match="without any permitted action"):
        shield.permitted(pd.DataFrame({"cell": ["r2c0"]}), ["down"])


def test_a_policy_for_other_actions_is_refused() -> None:
    with pytest.raises(ValueError, match="other actions"):
        policy.load(b'{"actions": ["fly"], "cells": {}}')
