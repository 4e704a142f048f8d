"""The log that judges the policy: its contract, its split, its drift, and what is not in it."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from mlcharter.evals import digests, logs

from quay_dispatch import dispatcher
from quay_dispatch.rl import policy, simulator

ROOT = Path(__file__).parents[2]
TABLE = logs.load(ROOT / "data/log.csv")
EARLIER, LATER = logs.Log(TABLE, policy.ACTIONS).split(0.5)


def block(kind: str) -> list[dict[str, object]]:
    text = (ROOT / "docs/eval_pack.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- config: {kind} -->\n```yaml\n(.*?)^```", text, re.M | re.S)
    assert found
    entries: list[dict[str, object]] = yaml.safe_load(found[1])
    return entries


def test_the_log_meets_its_contract() -> None:
    assert logs.find_problems(TABLE, policy.ACTIONS) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"propensity": 0.0}, "column `propensity` is not in (0, 1]"),
        ({"reward": float("nan")}, "column `reward` is missing"),
        ({"action": "fly"}, "column `action` is none of up, right, down, left"),
        ({"step": 0}, "column `step` is repeated"),
        ({"episode": None}, "column `episode` is missing"),
        ({"allowed": "fly"}, "column `allowed` is no list of actions"),
        ({"violation": 2}, "column `violation` is neither 0 nor 1"),
        ({"terminated": 1}, "column `terminated` is 1 although the episode goes on"),
    ],
)
def test_a_row_that_breaks_it_is_found(change: dict[str, object], problem: str) -> None:
    assert problem in " ".join(logs.find_problems(TABLE.assign(**change), policy.ACTIONS))


@pytest.mark.parametrize("column", ["episode", "action", "propensity", "reward"])
def test_a_column_that_is_required_is_missed(column: str) -> None:
    [problem] = logs.find_problems(TABLE.drop(columns=column), policy.ACTIONS)
    assert problem.startswith(f"there is no column `{column}`")


def test_every_row_names_the_policy_that_acted() -> None:
    assert TABLE["policy_version"].unique().tolist() == ["driver-1"]


def test_a_row_that_came_twice_is_dropped_by_trip_and_step() -> None:
    rows = TABLE[:50].to_dict("records")
    again = [*rows[:20], dict(rows[19]), *rows[20:]]
    assert logs.find_problems(pd.DataFrame(again), policy.ACTIONS) != []
    assert dispatcher.logged_once(again) == rows


def test_the_chances_of_whoever_drove_add_up_and_are_those_of_the_log() -> None:
    drove = simulator.driver()
    assert all(sum(chances.values()) == pytest.approx(1) for chances in drove.values())
    said = [
        drove[int(cell[1]), int(cell[3])][move]
        for cell, move in zip(TABLE["cell"], TABLE["action"], strict=True)
    ]
    assert TABLE["propensity"].to_numpy() == pytest.approx(np.array(said), abs=1e-6)


def test_no_trip_is_on_both_sides_and_the_later_ones_judge() -> None:
    assert not set(EARLIER.episodes) & set(LATER.episodes)
    assert max(EARLIER.episodes) < min(LATER.episodes)


def test_rows_and_split_are_those_that_the_pack_pins() -> None:
    pinned = next(entry for entry in block("datasets") if entry["id"] == "decision-log")
    assert pinned["sha256"] == digests.frame(TABLE)
    assert pinned["rows"] == len(TABLE)
    split = pinned["split"]
    assert isinstance(split, dict)
    assert split["sha256"] == digests.sha256(sorted(LATER.episodes))


@pytest.mark.parametrize("column", ["cell", "action", "reward"])
def test_nothing_drifts_from_the_earlier_half_to_the_later_one(column: str) -> None:
    shares = [
        side.table[column].round(2).value_counts(normalize=True)
        if column == "reward"
        else side.table[column].value_counts(normalize=True)
        for side in (EARLIER, LATER)
    ]
    before, after = pd.concat(shares, axis=1).fillna(1e-4).to_numpy().T
    assert ((after - before) * np.log(after / before)).sum() < 0.1


def test_it_has_no_column_about_a_person_and_a_licence_in_the_inventory() -> None:
    known = {"episode", "step", "cell", "allowed", "action", "propensity", "reward"}
    assert set(TABLE) == known | {"violation", "terminated", "policy_version"}
    inventory = (ROOT / "safety/licences.md").read_text(encoding="utf-8")
    for entry in block("datasets"):
        assert re.search(rf"`{entry['id']}`.*\| {entry['licence']} \|", inventory)
