"""What the rewards of the tug pay for, exactly, on the simulated quay; no policy is trained here.

`PAYS` has today's reward and three that people proposed: one of them was released in October.
"""

from collections.abc import Callable

from .rl.simulator import (
    CELLS,
    CRANE,
    GAMMA,
    HORIZON,
    MOVES,
    START,
    WATER,
    WIND,
    Cell,
    Driver,
    allowed,
    outcomes,
)

Pays = Callable[[Cell, Cell, float], float]
ENDS = (CRANE, WATER)
ROWS = [cell for cell in CELLS if cell != CRANE]


def left(cell: Cell) -> int:
    """How many cells are left to the crane."""
    return abs(CRANE[0] - cell[0]) + abs(CRANE[1] - cell[1])


def potential(cell: Cell) -> float:
    """-0.05 for each cell that is left; zero where the task ends."""
    return 0.0 if cell in ENDS else -0.05 * left(cell)


def shaped(before: Cell, after: Cell, reward: float) -> float:
    """Today's reward: arrival, step and fall, and a difference of the potential."""
    return reward + GAMMA * potential(after) - potential(before)


def plain(before: Cell, after: Cell, reward: float) -> float:
    """Arrival, step and fall."""
    return reward


def fell(before: Cell, after: Cell, reward: float) -> float:
    """1 for a fall; undiscounted, its value is the share of trips that fall."""
    return float(after == WATER)


PAYS: dict[str, Pays] = {
    "today": shaped,
    "progress": lambda before, after, reward: reward + 1.0 * (left(after) < left(before)),
    "near-crane": lambda before, after, reward: reward + 0.2 * (left(after) == 1),
    "dry": lambda before, after, reward: reward + 0.2 * (after != WATER),
}


def exact(
    table: Driver, pays: Pays = plain, wind: float = WIND, gamma: float = GAMMA, moves: int = HORIZON
) -> float:
    """What a trip of at most `moves` moves is expected to earn."""
    later = dict.fromkeys([*CELLS, WATER], 0.0)
    for _ in range(moves):
        now = dict.fromkeys(later, 0.0)
        for cell in ROWS:
            now[cell] = sum(
                chance * odds * (pays(cell, after, reward) + gamma * later[after])
                for move, chance in table[cell].items()
                for odds, after, reward in outcomes(cell, move, wind)
            )
        later = now
    return later[START]


def best(pays: Pays = plain) -> Driver:
    """The allowed policy that earns most, over trips without an end."""
    value = dict.fromkeys([*CELLS, WATER], 0.0)
    gains: dict[Cell, dict[str, float]] = {}
    for _ in range(1000):
        for cell in ROWS:
            gains[cell] = {
                move: sum(
                    odds * (pays(cell, after, reward) + GAMMA * value[after])
                    for odds, after, reward in outcomes(cell, move)
                )
                for move in allowed(cell)
            }
        value |= {cell: max(gain.values()) for cell, gain in gains.items()}
    return {
        **{cell: {max(gain, key=gain.__getitem__): 1.0} for cell, gain in gains.items()},
        CRANE: dict.fromkeys(MOVES, 1 / len(MOVES)),
    }
