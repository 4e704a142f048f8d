"""Measure how the time of our own code grows when the size of one input doubles.

    python benchmarks/growth.py [--only TEXT] [--every N] [--rounds N] [--write]

Of the hostile texts in each place of a document every N-th is tried; --every 1 tries them all,
which takes long. Every case is checked at four sizes, each twice the one before, in CPU seconds of
this process, the best of --rounds. The cost of an ordinary repository is subtracted. The ratio is the last size's time
to the one before: 2 is linear, 4 is quadratic. Cases come worst first; one that takes less than
--least seconds at the largest size has no ratio, since clocks are too coarse for it.
--write writes the result to docs/growth.md.
"""

import argparse
import gc
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import hostile_sizes
import runs
from hostile_sizes import Case

PAGE = Path(__file__).resolve().parents[1] / "docs/growth.md"
DOUBLINGS = 3
LONGEST = 20.0  # seconds; what takes longer is ended and printed as such


class Row(NamedTuple):
    """A case with its CPU seconds at each size; infinite if it was stopped."""

    name: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    def ratio(self, least: float) -> float | None:
        """Return the time of the largest size divided by that of the one before."""
        last, before = self.seconds[-1], self.seconds[-2]
        if last < least:
            return None
        return last / max(before, 1e-4)


class _TooLongError(Exception):
    pass


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    def end(*_: object) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def best(work: Callable[[], object], rounds: int) -> float:
    """Return the CPU seconds of a function, the best of several rounds."""
    found = []
    for _ in range(rounds):
        gc.collect()
        begun = time.process_time()
        try:
            with limited(LONGEST):
                work()
        except _TooLongError:
            return float("inf")
        found.append(time.process_time() - begun)
    return min(found)


def measured(case: Case, rounds: int) -> Row:
    sizes = tuple(case.size << doubling for doubling in range(DOUBLINGS + 1))
    seconds: list[float] = []
    for size in (0, *sizes):
        with tempfile.TemporaryDirectory() as folder:
            seconds.append(best(case.work(Path(folder), size), rounds))
    return Row(case.name, sizes, tuple(max(0.0, each - seconds[0]) for each in seconds[1:]))


def table(rows: list[Row], least: float) -> str:
    """Return a table of the rows that have a ratio, the worst first."""
    rows = [row for row in rows if row.ratio(least) is not None]
    lines = [
        "| what doubles | size | CPU s | ratio |",
        "|---|---:|---:|---:|",
    ]
    for row in sorted(rows, key=lambda row: -(row.ratio(least) or 0)):
        name = row.name.replace("|", "\\|").replace("<", "&lt;").replace("`", "&#96;")
        ratio = row.ratio(least) or 0
        lines.append(f"| {name} | {row.sizes[-1]} | {row.seconds[-1]:.3f} | {ratio:.1f} |")
    return "\n".join(lines)


_HEAD = """\
# How time grows

`make bench PARTS=growth` writes this page.
{run}

Each row doubles the size of one thing and compares the CPU time of the last doubling: 2 is linear, 4 is quadratic.
{cases} cases were tried; those that take less than {least:g} s at their largest size are left out, since clocks are too coarse for them.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--every", type=int, default=29, help="of the hostile texts")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--least", type=float, default=0.1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = []
    for case in hostile_sizes.cases(options.every):
        if options.only in case.name:
            row = measured(case, options.rounds)
            rows.append(row)
            seconds = " ".join(f"{each:.3f}" for each in row.seconds)
            print(f"{row.ratio(options.least) or 0:5.1f}  {seconds}  {row.name}", flush=True)
    printed = table(rows, options.least)
    if options.write:
        head = _HEAD.format(run=runs.stamp("growth"), least=options.least, cases=len(rows))
        PAGE.write_text(f"{head}\n{printed}\n", encoding="utf-8")
    else:
        sys.stdout.write(f"\n{printed}\n")


if __name__ == "__main__":
    main()
