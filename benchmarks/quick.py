"""Measure what a change may slow down, beside Copier, in about a minute; print a table.

    python benchmarks/quick.py

CPU seconds, user and system, of whole processes: the best of several runs, of updates the median.
Ours and Copier's run in turn, so that other load on the machine changes the ratios little.
It needs no network and writes no page; `make bench` measures the published figures.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import corpus
import merge

import check

REPOSITORIES = 10
ROW = "{:44} {:>11} {:>8} {:>7}"


def measure(work: Path) -> Iterator[str]:
    """Yield the lines of the table as they are measured."""
    yield ROW.format("work", "CPU seconds", "ratio", "target")
    made = corpus.make(work / "corpus", REPOSITORIES)
    peers = check.Peers(made, work, None, None)
    edited = next(check.single(made, peers))
    yield ROW.format(edited.name, f"{edited.seconds(7):.3f}", "", "0.10")
    cold = next(check.ours(made))
    taken = cold.seconds(3)
    yield ROW.format(f"{cold.name}, {cold.documents} documents", f"{taken:.2f}", "", "")
    yield ROW.format("  documents a CPU second", f"{cold.documents / taken:.0f}", "", "")
    targets = ("", "0.35", "", "0.20", "0.08")
    timings = (check.time_new(work, peers, 3), merge.timed(2))
    rows = [(name, taken, taken / table[0][1]) for table in timings for name, taken in table]
    for (name, taken, ratio), target in zip(rows, targets, strict=True):
        yield ROW.format(name, f"{taken:.2f}", f"{ratio:.2f}", target)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        for line in measure(Path(folder)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
