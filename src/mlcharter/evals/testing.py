"""Assertions for tests of evals, and simulated time.

Assertions raise AssertionError with what was measured, and need no pytest.
"""

import asyncio
import json
import operator
import os
import selectors
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from mlcharter.evals.reports import DIGITS, Measured

Op = Literal[">=", ">", "<=", "<"]
T = TypeVar("T")

_OPS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


def passes(estimate: Measured, op: Op, threshold: float) -> bool:
    """Return whether `mlcharter gate` would find an estimate within a threshold.

    It takes the cautious end, rounded as in a report: the lower one for `>=` and `>`, the upper one
    for `<=` and `<`. What else makes a gate fail (too few cases, other data) is not looked at.
    """
    return _OPS[op](_end(estimate, op), threshold)


def assert_gate_sees(sound: Measured, broken: Measured, op: Op, threshold: float) -> None:
    """Assert that a gate passes the sound system and fails the broken one."""
    for name, estimate, wanted in (("sound", sound, True), ("broken", broken, False)):
        if passes(estimate, op, threshold) != wanted:
            remedy = "the gate is too strict" if wanted else "use a stronger defect or gate"
            raise AssertionError(
                f"the {name} system is at {_end(estimate, op):.4f}, and the gate asks "
                f"{op} {threshold}: {remedy}"
            )


def assert_same_results(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> None:
    """Assert that two reports are equal but for `run`, as two runs of one commit are."""
    contents: list[dict[str, Any]] = []
    for path in (one, other):
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        contents.append({key: value for key, value in content.items() if key != "run"})
    first, second = contents
    for key in sorted({*first, *second}):
        before, after = first.get(key), second.get(key)
        if before == after:
            continue
        if isinstance(before, list) and isinstance(after, list):
            pairs = [(a, b) for a, b in zip(before, after, strict=False) if a != b]
            before, after = (
                pairs[0] if pairs else (f"{len(before)} entries", f"{len(after)} entries")
            )
        raise AssertionError(f"`{key}` differs between {one} and {other}: {before} and {after}")


def _end(estimate: Measured, op: Op) -> float:
    return round(estimate.lower if op in (">=", ">") else estimate.upper, DIGITS)


# Simulated time


class _Skipping(selectors.SelectSelector):
    """Waits for nothing: where the loop would sleep, `now` moves on instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("every task waits, and no event will ever come")
            self.now += max(timeout, 0.0)
        return ready


class _Simulated(asyncio.SelectorEventLoop):
    """An event loop with the time of its selector, in seconds from 0."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.now


def simulate(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in an event loop whose time passes only while every task waits.

    An hour of load runs in seconds, through the code that serves, and twice the same: nothing
    depends on how busy the machine is.
    """
    loop = _Simulated()
    try:
        return loop.run_until_complete(work)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
