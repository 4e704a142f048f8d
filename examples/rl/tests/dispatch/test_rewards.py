"""What the rewards pay for: loops, best choices, and policies that were written to cheat."""

from itertools import product

import pytest

from quay_dispatch.rewards import PAYS, ROWS, best, exact, plain, potential, shaped
from quay_dispatch.rl.simulator import GAMMA, MOVES, WATER, Cell, moved

WRONG = [name for name in PAYS if name != "today"]


def walks(start: Cell, longest: int = 4) -> list[list[Cell]]:
    """Every closed walk from a cell of up to four moves that stays on the quay."""
    found = []
    for length in range(1, longest + 1):
        for moves in product(MOVES, repeat=length):
            cells = [start]
            for move in moves:
                if cells[-1] not in ROWS:
                    break
                cells.append(moved(cells[-1], move))
            if len(cells) == length + 1 and cells[-1] == start and WATER not in cells:
                found.append(cells)
    return found


@pytest.mark.parametrize("start", ROWS)
def test_a_loop_brings_what_the_potential_owes_and_no_more(start: Cell) -> None:
    for cells in walks(start):
        bonus = sum(
            GAMMA**n * (shaped(one, after, 0.0) - plain(one, after, 0.0))
            for n, (one, after) in enumerate(zip(cells, cells[1:], strict=False))
        )
        owed = (GAMMA ** (len(cells) - 1) - 1) * potential(start)
        assert bonus == pytest.approx(owed)


def test_shaping_changes_no_best_move() -> None:
    assert best(shaped) == best()


@pytest.mark.parametrize("name", WRONG)
def test_a_strong_learner_of_a_wrong_reward_is_flagged(name: str) -> None:
    cheat, honest, pays = best(PAYS[name]), best(), PAYS[name]

    assert exact(cheat, pays) > exact(honest, pays)
    assert exact(cheat) < exact(honest) - 0.5


def test_an_honest_policy_is_not_flagged() -> None:
    honest = best()
    for pays in PAYS.values():
        assert exact(honest) >= exact(best(pays)) - 1e-9
