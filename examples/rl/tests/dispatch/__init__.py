"""What the tests of the dispatcher share."""

from quay_dispatch import dispatcher

MAP = dispatcher.MAPS[0]
UP, RIGHT, DOWN = (1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0)


def fix(cell: int = 5, age: float = 0.1, map: str = MAP, wind: float = 4.0) -> dispatcher.Fix:
    return dispatcher.Fix(cell, age, map, wind)


def always(row: tuple[float, ...]) -> dispatcher.Policy:
    return (row,) * dispatcher.CELLS


def running(row: tuple[float, ...] = RIGHT) -> dispatcher.Dispatcher:
    """A dispatcher whose policy always wants `row`, and whose route program always goes up."""
    return dispatcher.Dispatcher(always(row), always(UP), "release-2026-11")
