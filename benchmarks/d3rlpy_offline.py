"""Learn policies with d3rlpy from the starter's log, and compare its estimate of them with ours.

    python benchmarks/d3rlpy_offline.py PYTHON [--steps N] [--write]

PYTHON is the interpreter of an environment with d3rlpy, which pins an old gymnasium: log and
actions are exchanged as files. The earlier half of the log teaches; both fitted Q evaluations (FQE)
read that half too, and our doubly robust estimate (DR) reads the later one. The simulator knows the
exact values. --write puts the table into docs/own-system.md.
"""

import argparse
import importlib.util
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import day_one
import numpy as np
import numpy.typing as npt

from mlcharter.evals import fitted, logs, ope
from mlcharter.evals.intervals import Estimate

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "template/project"
PAGE = ROOT / "docs/own-system.md"
SEED, STEPS = 7, 1000

Ints = npt.NDArray[np.intp]


def main() -> None:
    """Print the table, and write it if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    table = day_one.show(compare(given.python, given.steps))
    if given.write:
        page = day_one.replace_table(PAGE.read_text("utf-8"), "d3rlpy", table)
        PAGE.write_text(page, "utf-8")


def compare(python: str, steps: int) -> Iterator[str]:
    """Yield the lines of a table with a row for each learner of d3rlpy."""
    simulator = load_simulator()
    log = logs.Log(logs.load(PROJECT / "data/log.csv"), list(simulator.MOVES))
    earlier, later = log.split(0.5)
    found = learn(python, earlier, simulator.GAMMA, steps)
    yield "| policy | exact value | FQE of d3rlpy | our FQE | our DR | effective share of episodes |"
    yield "|---|---|---|---|---|---|"
    for name in ("bc", "cql"):
        best = dict(zip(earlier.table["cell"], found[name].tolist(), strict=True))
        how = {"discount": simulator.GAMMA, "seed": SEED}
        by_fqe = fitted.value(earlier, chances(earlier, best), **how)
        target = chances(later, best)
        seen = later.as_seen_by(
            target, **fitted.cross_fitted(later, target, discount=simulator.GAMMA)
        )
        support = ope.support(seen, seed=SEED).ess_ratio.value
        theirs = f"{found[f'{name}_fqe'].mean():.3f}" if f"{name}_fqe" in found else "none"
        cells = [f"{exact(simulator, best):.3f}", theirs, show(by_fqe)]
        cells += [show(ope.value(seen, "dr", **how)), f"{support:.2f}"]
        yield f"| {name} | {' | '.join(cells)} |"


def load_simulator() -> ModuleType:
    """Return the module of the starter that made the log."""
    place = PROJECT / "src/{{ package }}/rl/simulator.py"
    spec = importlib.util.spec_from_file_location("simulator", place)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def learn(python: str, log: logs.Log, discount: float, steps: int) -> dict[str, Ints]:
    """Return what benchmarks/d3rlpy_peer.py learns from a log in another environment."""
    cells = log.table["cell"].to_numpy()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "log.npz"), Path(folder, "out.npz")
        np.savez(
            source,
            features=(cells[:, None] == np.unique(cells)).astype(float),
            action=log.action,
            reward=log.reward,
            terminated=log.table["terminated"],
            first=log.first,
            actions=len(log.actions),
            discount=discount,
        )
        peer = [python, str(ROOT / "benchmarks/d3rlpy_peer.py"), str(source), str(target)]
        subprocess.run([*peer, str(steps)], check=True, capture_output=True)
        return dict(np.load(target))


def chances(log: logs.Log, best: dict[str, int]) -> npt.NDArray[np.float64]:
    """Return the propensities of the policy that always takes the best action of a cell."""
    return np.eye(len(log.actions))[[best[cell] for cell in log.table["cell"]]]


def exact(simulator: ModuleType, best: dict[str, int]) -> float:
    """Return the exact value of that policy; cells that the log never shows get any action."""
    names = list(simulator.MOVES)
    policy = {cell: {names[best.get(f"r{cell[0]}c{cell[1]}", 0)]: 1.0} for cell in simulator.CELLS}
    return float(simulator.value(policy))


def show(found: Estimate) -> str:
    """Return an estimate with its interval."""
    return f"{found.value:.3f} ({found.lower:.3f} to {found.upper:.3f})"


if __name__ == "__main__":
    main()
