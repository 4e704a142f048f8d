"""How late a kill-switch trips after a change, and how often it trips falsely, by simulation.

    python -m mlcharter.evals.delays --ceiling 0.05 --alpha 0.05

The kill-switch is `sequential.RateTest`. Changes are simulated in the middle between two starts of
its bets, where it is slowest. Its bound on false trips is for violations that, given the past,
have a probability of at most the ceiling. Violations in bursts, or of a common cause, break this
condition even if their average rate is the ceiling: the last lines show what that costs.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlcharter.evals.sequential import RateTest

Bools = npt.NDArray[np.bool_]
Generator = np.random.Generator
Process = Callable[[Generator, float, tuple[int, int]], Bools]

CHANGES = (0, 600, 2000, 5000)
EPISODES = 2000
GOOD = 0.2  # the rate before a change, as a share of the ceiling
BURST = 5  # mean length of a burst
BLOCK = 100  # episodes with a common cause


@dataclass(frozen=True)
class Delay:
    """Episodes from a change at episode `change` to the trip; infinite if it does not trip."""

    change: int
    median: float
    late: float
    false_trips: float


def independent(generator: Generator, rate: float, shape: tuple[int, int]) -> Bools:
    """Return violations that are independent of each other, shape (runs, episodes)."""
    return np.asarray(generator.random(shape) < rate)


def bursty(generator: Generator, rate: float, shape: tuple[int, int]) -> Bools:
    """Return violations in bursts of BURST on average, at an average rate of `rate`."""
    after = {True: 1 - 1 / BURST, False: rate / (1 - rate) / BURST}
    seen = np.empty(shape, dtype=bool)
    now = generator.random(shape[0]) < rate
    for t in range(shape[1]):
        seen[:, t] = now
        now = generator.random(shape[0]) < np.where(now, after[True], after[False])
    return seen


def correlated(generator: Generator, rate: float, shape: tuple[int, int]) -> Bools:
    """Return violations whose rate differs by block of BLOCK episodes, and is `rate` on average."""
    blocks = -(-shape[1] // BLOCK)
    rates = generator.beta(2, 2 * (1 - rate) / rate, (shape[0], blocks)).repeat(BLOCK, axis=1)
    return np.asarray(generator.random(shape) < rates[:, : shape[1]])


PROCESSES: dict[str, Process] = {
    "independent": independent,
    "bursty": bursty,
    "correlated": correlated,
}


def delays(
    test: RateTest,
    *,
    factor: float = 4,
    changes: Sequence[int] = CHANGES,
    process: Process = independent,
    runs: int = 500,
    seed: int = 1,
) -> list[Delay]:
    """Return the delays if the rate rises from GOOD of the ceiling to `factor` times the ceiling.

    `late` is the 95th percentile. Runs that trip before the change count as false trips.
    """
    if not 0 < factor * test.ceiling < 1:
        raise ValueError(f"factor times ceiling is between 0 and 1, not {factor * test.ceiling:g}")
    generator = np.random.default_rng(seed)
    after = int(np.ceil(30 / test.ceiling))
    found = []
    for change in changes:
        before = change + test.every // 2 if change else 0
        good = process(generator, GOOD * test.ceiling, (runs, before))
        bad = process(generator, factor * test.ceiling, (runs, after))
        alarms = test.alarms(np.concatenate([good, bad], axis=1))
        trip = np.where(alarms[:, -1], alarms.argmax(axis=1) + 1.0 - before, np.inf)
        true = trip[trip > 0]
        median, late = np.quantile(true, [0.5, 0.95], method="higher")
        found.append(Delay(before, float(median), float(late), float((trip <= 0).mean())))
    return found


def false_trips(
    test: RateTest,
    *,
    process: Process = independent,
    episodes: int = EPISODES,
    runs: int = 500,
    seed: int = 1,
) -> float:
    """Return the share of runs at the ceiling, on average, that trip within `episodes`."""
    seen = process(np.random.default_rng(seed), test.ceiling, (runs, episodes))
    return float(test.alarms(seen)[:, -1].mean())


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of the delays and false trips of a kill-switch."""
    parser = argparse.ArgumentParser(prog="python -m mlcharter.evals.delays", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--ceiling", type=float, default=0.05, help="share of episodes")
    parser.add_argument("--alpha", type=float, default=0.05, help="false-alarm rate")
    parser.add_argument("--factor", type=float, default=4, help="rate after the change / ceiling")
    parser.add_argument("--runs", type=int, default=500)
    options = parser.parse_args(arguments)
    try:
        test = RateTest(options.ceiling, options.alpha)
        found = delays(test, factor=options.factor, runs=options.runs)
    except ValueError as error:
        parser.error(str(error))
    rates = f"{GOOD * test.ceiling:g} to {options.factor * test.ceiling:g}"
    print(f"delay in episodes after the rate rises from {rates}, {options.runs} runs each")
    print("change after  median  95 %  false trips before")
    for one in found:
        print(f"{one.change:12}  {one.median:6g}  {one.late:4g}  {one.false_trips:18.1%}")
    print(f"false trips in {EPISODES} episodes at an average rate of {test.ceiling:g}")
    for name, process in PROCESSES.items():
        share = false_trips(test, process=process, runs=options.runs)
        print(f"{name:12}  {share:6.1%}")


if __name__ == "__main__":
    main()
