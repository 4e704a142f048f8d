"""Judge the policy on the log of another one: `python -m evals.rl` writes reports/rl.json.

The log is data/log.csv, and the policy is in src/quay_dispatch/rl/policy.py.
No simulator is needed.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from mlcharter.evals import digests, fitted, logs, ope, risk, running
from mlcharter.evals.inputs import Inputs
from mlcharter.evals.intervals import Estimate
from mlcharter.evals.reports import Report

from quay_dispatch.rl import policy, shield

LOG = "data/log.csv"
DATASET, STEPS, LATER = "decision-log", "every-step", "later-half"
HELD_OUT = 0.5
SEED = 7
RL = "src/quay_dispatch/rl"
INPUTS = Inputs.read(
    [
        "evals/__init__.py",
        "evals/rl.py",
        "src/quay_dispatch/*.py",
        f"{RL}/*",
        *map(str, Path().glob(LOG)),  # nothing before your log is there
    ]
)

Floats = npt.NDArray[np.float64]
Target = Callable[[pd.DataFrame], Floats]
Part = Callable[[Report, logs.Log, Target], None]


def estimates(report: Report, log: logs.Log, target: Target) -> None:
    """What the policy would earn, how much more than the one that acted, and how sure that is."""
    chances = target(log.observed)
    seen = log.as_seen_by(chances, **fitted.cross_fitted(log, chances, discount=policy.DISCOUNT))
    how: dict[str, Any] = {"discount": policy.DISCOUNT, "seed": SEED}
    value = partial(ope.value, seen, **how)
    for name in ope.ESTIMATORS:
        _add(report, f"value-{name}", partial(value, name))
    _add(report, "value-fqe", lambda: fitted.value(log, chances, **how))
    gain = partial(value, "dr", against_behaviour=True)
    _add(report, "value-dr", gain, against="behaviour")
    _add(report, "estimator-disagreement", partial(ope.disagreement, seen, **how))
    if not seen.step.any():  # with longer episodes it is too far below to say anything
        floor = ope.lower_bound(seen)
        report.add_count("value-floor", DATASET, floor, n=len(seen), slice=LATER)


def support(report: Report, log: logs.Log, target: Target) -> None:
    """Whether the log can tell about the policy, and whether its propensities can be true."""
    chances = target(log.observed)
    found = ope.support(log.as_seen_by(chances), seed=SEED)
    report.add("ess-ratio", DATASET, found.ess_ratio, slice=LATER)
    report.add("weight-error", DATASET, found.weight_error, slice=LATER)
    largest, outside = found.largest_weight, int(log.unsupported(chances).sum())
    report.add_count("largest-weight", DATASET, largest, n=found.episodes, slice=LATER)
    report.add_count("unsupported-steps", DATASET, outside, n=len(log), slice=LATER)


def safety(report: Report, log: logs.Log, target: Target) -> None:
    """Violations and exploration of the policy, and what gets through its shield."""
    chances = target(log.observed)
    seen = log.as_seen_by(chances)
    _add(report, "violation-rate", lambda: ope.rate(seen, log.violated()))
    explored = float(np.mean(1 - chances.max(axis=1)))
    report.add_count("exploration", DATASET, explored, n=len(log), slice=LATER)
    leaks = ((chances > 0) & ~shield.permitted(log.observed, policy.ACTIONS)).any(axis=1)
    report.add_count("shield-leaks", DATASET, int(leaks.sum()), n=len(log), slice=LATER)


def risks(report: Report, log: logs.Log, target: Target) -> None:
    """The policy's worst episodes, bad ones twice as often, and violations that it would repeat."""
    seen = log.as_seen_by(target(log.observed))
    worst = partial(risk.worst, seen, discount=policy.DISCOUNT, seed=SEED)
    _add(report, "worst-returns", partial(worst, 0.05))
    _add(report, "stressed-value", partial(worst, 0.5))
    _add(report, "repeated-violations", lambda: risk.replay(seen, log.violation, seed=SEED))


def _add(
    report: Report, metric: str, measured: Callable[[], Estimate], against: str | None = None
) -> None:
    """Add what can be measured; what cannot is said, and its gate fails."""
    try:
        report.add(metric, DATASET, measured(), slice=LATER, against=against)
    except ValueError as error:
        print(f"{metric} is not measured: {error}", file=sys.stderr)


def judge(target: Target, *parts: Part, **broken: Callable[[pd.DataFrame], Any]) -> Report:
    """Return the report of the contract of the log, and of `parts` if the log meets it.

    `broken` are columns that a defect computes from the log.
    """
    if not Path(LOG).exists():
        raise NotImplementedError(f"put your log into {LOG}; see `pydoc mlcharter.evals.logs`")
    table = logs.load(LOG)
    report = Report("rl", seed=SEED)
    report.add_dataset(DATASET, digests.frame(table), len(table))
    table = table.assign(**broken)
    log: logs.Log | None = None
    problems: list[str] = []
    try:
        log = logs.Log(table, policy.ACTIONS)
    except logs.ContractError as error:
        problems = error.problems
    report.add_count("log-problems", DATASET, len(problems), n=len(table), slice=STEPS)
    for problem in problems:
        print(f"{LOG}: {problem}", file=sys.stderr)
    if log is None:
        return report
    later = log.split(HELD_OUT)[1]
    report.add_slice(DATASET, LATER, unit="episode", n=len(later.episodes))
    report.add_artifact("split", DATASET, digests.sha256(sorted(later.episodes)))
    for part in parts:
        part(report, later, target)
    return report


def measure(folder: Path) -> Report:
    """Return the report of the policy, and write what the log covers into `folder`."""
    report = judge(policy.propensities, estimates, support, safety, risks, covered(folder))
    for kind, name, path in (
        ("experience", DATASET, LOG),
        ("policy", "served-policy", f"{RL}/{policy.FILE.name}"),
        ("environment", "shield", f"{RL}/shield.py"),
    ):
        report.add_artifact(kind, name, digests.file(path), path)
    return report


def covered(folder: Path) -> Part:
    """Return the part that writes how often each action was allowed and taken."""

    def write(report: Report, log: logs.Log, target: Target) -> None:
        log.coverage().to_csv(folder / "rl-coverage.csv", index=False)

    return write


def anything(states: pd.DataFrame) -> Floats:
    """A policy without a shield that takes every action alike."""
    return np.full((len(states), len(policy.ACTIONS)), 1 / len(policy.ACTIONS))


def rarest(states: pd.DataFrame) -> Floats:
    """A policy that nearly always does what the log hardly ever shows."""
    taken = logs.load(LOG)["action"].value_counts().reindex(policy.ACTIONS, fill_value=0)
    rare = np.eye(len(policy.ACTIONS))[taken.argmin()]
    return np.asarray(0.1 * anything(states) + 0.9 * rare)


def opposite(states: pd.DataFrame) -> Floats:
    """A policy that prefers what ours avoids, among the actions that ours may take."""
    chances = policy.propensities(states)
    avoided = np.where(chances > 0, 1 - chances + 1e-9, 0.0)
    return np.asarray(avoided / avoided.sum(axis=1, keepdims=True))


def first_thousandth(log: pd.DataFrame) -> pd.Series:
    """Propensities whose first one in each episode was divided by 1,000 once too often."""
    return log["propensity"].where(log["episode"].duplicated(), log["propensity"] / 1000)


def disasters(log: pd.DataFrame) -> pd.Series:
    """Rewards of which every tenth is a disaster."""
    loss = 100 * (1 + float(log["reward"].abs().max()))
    return log["reward"].where(np.arange(len(log)) % 10 > 0, -loss)


sound = policy.propensities
DEFECTS: dict[str, Callable[[], Report]] = {
    "rl-log-contract": lambda: judge(sound, propensity=lambda log: 0.0),
    "ope-propensities": lambda: judge(
        sound, support, propensity=lambda log: log["propensity"] * 0.6
    ),
    "ope-uplift": lambda: judge(opposite, estimates),
    "ope-ess-ratio": lambda: judge(rarest, support),
    "ope-largest-weight": lambda: judge(sound, support, propensity=first_thousandth),
    "ope-disagreement": lambda: judge(
        sound, estimates, propensity=lambda log: log["propensity"] ** 2
    ),
    "ope-support": lambda: judge(anything, support, allowed=lambda log: log["action"]),
    "policy-violations": lambda: judge(sound, safety, violation=lambda log: 1 - log["violation"]),
    "policy-worst-returns": lambda: judge(sound, risks, reward=disasters),
    "policy-exploration": lambda: judge(anything, safety),
    "shield-leaks": lambda: judge(anything, safety),
}

if __name__ == "__main__":
    packages = ["numpy", "pandas", "scipy"]
    running.main("evals.rl", measure, DEFECTS, inputs=INPUTS, packages=packages)
