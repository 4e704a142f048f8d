"""The work of a check grows linearly with the size of its input.

Work is counted in lines of Python that run, which is the same on every machine. Time inside the
standard library's C code is measured by `make bench PARTS=growth` and bounded by the tests of
hostile sizes.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import hostile_sizes
import pytest
from hostile_sizes import Case

MOST = 2.6  # times as much work for twice the size: linear, and what sorting adds

CHOSEN = {
    "a paragraph": ("[a](b", "![", "<a b='", "`a", "- a\n", "|\n", "[a]: b\n", "## a\n"),
    "an item": ("Evidence: [a](b) ", "waived until by: ", "<!-- from a --> ", "a@", "    - a\n"),
    "a setext heading": ("a\n---\n", "=\n", "_a_ ", "[a]["),
    "the owner": ("a", "a@", "@a", "@a/"),
    "a link's target": ("a/", "../", "%20", "("),
    "a config block": ("a: ", "{a: ", "[a, ", "- a\n", "- \n"),
    "an expression": ("sum(", 'a{b="', "+1", "a{"),
}
FIELDS = [
    case
    for case in hostile_sizes.fields(2048)
    if case.name in {f"{place}: {unit!r}" for place, units in CHOSEN.items() for unit in units}
]
COUNTS = [case._replace(size=max(20, case.size // 10)) for case in hostile_sizes.counts()]
TEXTS = [case._replace(size=max(100, case.size // 16)) for case in hostile_sizes.texts()]


def lines(work: Callable[[], object]) -> int:
    """Return how many lines of Python a function executes."""
    count = 0

    def trace(frame: FrameType, event: str, given: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("case", [*COUNTS, *TEXTS, *FIELDS], ids=lambda case: str(case.name))
def test_work_grows_linearly_with_size(case: Case, tmp_path: Path) -> None:
    work = [case.work(tmp_path / str(size), size) for size in _sizes(case, tmp_path)]
    work[0]()  # what is read once in a process
    nothing, once, twice = (lines(each) for each in work)

    grown = max(once - nothing, nothing // 10, 100)  # below that it is how the text happens to end
    assert twice - nothing <= MOST * grown, f"{nothing}, {once}, {twice} lines"


def _sizes(case: Case, folder: Path) -> tuple[int, int, int]:
    sizes = 0, case.size, 2 * case.size
    for size in sizes:
        (folder / str(size)).mkdir()
    return sizes


def test_quadratic_work_is_detected() -> None:
    def pairs(n: int) -> int:
        return lines(lambda: [[None for _ in range(n)] for _ in range(n)])

    assert pairs(200) > MOST * pairs(100)
