"""The causes of the error catalogue stay no worse than they are, exactly, on the simulated quay."""

import json
from pathlib import Path

import pytest

from quay_dispatch.rewards import exact, fell
from quay_dispatch.rl.simulator import CRANE, START, WIND, Cell, Driver, driver, outcomes

FILE = Path(__file__).parents[2] / "src/quay_dispatch/rl/policy.json"
READ = json.loads(FILE.read_text(encoding="utf-8"))
SERVED: Driver = {
    (int(cell[1]), int(cell[3])): dict(zip(READ["actions"], chances, strict=True))
    for cell, chances in READ["cells"].items()
}


def arrived(before: Cell, after: Cell, reward: float) -> float:
    return float(after == CRANE)


def test_on_the_first_move_only_the_wind_makes_a_trip_fall() -> None:
    falls = sum(
        chance * odds * fell(START, after, reward)
        for move, chance in SERVED[START].items()
        for odds, after, reward in outcomes(START, move)
    )
    assert falls == pytest.approx(WIND, abs=1e-6)


def test_random_moves_in_the_edge_lane_cost_fewer_falls_than_those_of_the_route_program() -> None:
    assert SERVED[START]["up"] > driver()[START]["up"]
    assert exact(SERVED, fell, gamma=1.0) < exact(driver(), fell, gamma=1.0)


@pytest.mark.parametrize("moves", [12, 16])
def test_no_more_trips_go_round_until_they_are_cut(moves: int) -> None:
    now = exact(driver(), arrived, gamma=1.0, moves=moves)
    assert exact(SERVED, arrived, gamma=1.0, moves=moves) > now
