"""What runs beside the tug: the next move, behind the shield and the kill-switch.

It filters moves itself, so that the chance that it hands on is the one after filtering; control's
process filters them once more, with its own copy of the map, and writes the log.
It needs nothing but Python. A policy is a table of probabilities, one row for each cell of the
quay; the cells count from 0 in the inland lane, four to a lane, and 8 to 11 are the edge lane.
"""

import hashlib
import json
from dataclasses import dataclass

from .rl.rollout import KillSwitch

MOVES = ("up", "right", "down", "left")
LANE, CELLS = 4, 12
EDGE = range(8, 11)
CRANE = 11
OLDEST_FIX = 0.5
HIGHEST_WIND = 9.0
MAPS = ("quay-3-map-7",)
CEILING, ALPHA, EXPLORATION = 0.05, 0.05, 0.3

Policy = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Fix:
    """Where the tug is: the cell, how old that is in seconds, on which map, and the wind in m/s."""

    cell: int
    age: float
    map: str
    wind: float


@dataclass(frozen=True)
class Move:
    """`driver` is "policy", "route-program" or "stop"; `chance` is logged with the move."""

    move: str
    chance: float
    driver: str
    why: str
    release: str


def load(content: bytes, digest: str) -> Policy:
    """The policy in `content`; a ValueError unless it is the one that was signed."""
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError("the policy is not the one that was signed")
    rows = json.loads(content)["cells"]
    anything = [1 / len(MOVES)] * len(MOVES)  # at the crane nothing is left to do
    names = (f"r{cell // LANE}c{cell % LANE}" for cell in range(CELLS))
    policy = tuple(tuple(rows.get(name, anything)) for name in names)
    for row in policy:
        if min(row) < 0 or abs(sum(row) - 1) > 1e-6:
            raise ValueError("the chances of a cell do not add up to 1")
    return policy


def refusal(fix: Fix) -> str:
    """Why nobody may drive on this fix; empty if one may."""
    if fix.map not in MAPS:
        return "unknown map"
    if not 0 <= fix.cell < CELLS:
        return "unknown cell"
    if not 0 <= fix.age <= OLDEST_FIX:
        return "old fix"
    if not 0 <= fix.wind <= HIGHEST_WIND:
        return "wind"
    return ""


def shielded(cell: int, chances: tuple[float, ...]) -> tuple[float, ...]:
    """The chances without a move towards the water from the edge lane."""
    if cell not in EDGE:
        return chances
    down = MOVES.index("down")
    kept = [0.0 if i == down else chance for i, chance in enumerate(chances)]
    total = sum(kept)
    if total == 0:
        return (1.0, 0.0, 0.0, 0.0)
    return tuple(chance / total for chance in kept)


class Dispatcher:
    """Chooses moves; the route program takes over where the policy may not drive."""

    def __init__(self, policy: Policy | None, route: Policy, release: str) -> None:
        self.policy, self.route, self.release = policy, route, release
        self.switch = KillSwitch(CEILING, ALPHA)
        self.moves = self.exploring = 0

    def next(self, fix: Fix, drawn: float) -> Move:
        """The move for `drawn`, uniform in [0, 1)."""
        why = refusal(fix)
        if why:
            return Move("stop", 1.0, "stop", why, self.release)
        why = self._held_back()
        policy = self.route if why or self.policy is None else self.policy
        driver = "policy" if policy is self.policy else "route-program"
        chances = shielded(fix.cell, policy[fix.cell])
        index = _drawn(chances, drawn)
        if driver == "policy":
            self.moves += 1
            self.exploring += chances[index] < max(chances)
        return Move(MOVES[index], chances[index], driver, why, self.release)

    def _held_back(self) -> str:
        """Why the policy does not drive; empty if it does."""
        if self.policy is None:
            return "no policy"
        if self.switch.tripped:
            return "kill-switch"
        if self.moves >= 100 and self.exploring / self.moves > EXPLORATION:
            return "exploration"
        return ""


def _drawn(chances: tuple[float, ...], drawn: float) -> int:
    total = 0.0
    for index, chance in enumerate(chances):
        total += chance
        if drawn < total:
            return index
    return max(range(len(chances)), key=lambda i: chances[i])


def joined(moves: dict[str, Move], arrivals: dict[str, bool]) -> list[tuple[str, Move, bool]]:
    """Trips with their outcome, by id; one that is still on its way is not there, and no loss."""
    return [(trip, moves[trip], arrivals[trip]) for trip in sorted(moves.keys() & arrivals.keys())]


def logged_once(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The rows of a log without a second one of the same trip and step, as after a restart."""
    first = {(row["episode"], row["step"]): row for row in reversed(rows)}
    return [row for row in rows if first[row["episode"], row["step"]] is row]


def arrivals_in_time(moves: list[int], longest: int = 12) -> float:
    """The share of trips that reached the crane within `longest` moves."""
    return sum(n <= longest for n in moves) / len(moves)
