"""Assertions for tests of evals: that a gate sees a defect, and that two runs agree.

They raise AssertionError with what was measured, and need no pytest.
"""

import json
import operator
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from mlcharter.evals.reports import DIGITS, Measured

Op = Literal[">=", ">", "<=", "<"]

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
