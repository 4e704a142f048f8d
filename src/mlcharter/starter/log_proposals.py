"""Propose config blocks for a decision log from the report of its first run.

The policy of the log is the baseline: thresholds come from what it reached, never from the result
of the policy that is judged. They only warn, and `decided_on` stays empty until a person decides.
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.formats.report import Report, Result
from mlcharter.starter.entries import block, floor, flow, gate, metrics

DATASET, LATER, LOG = "decision-log", "later-half", "data/log.csv"
PRODUCED_BY = "evals/rl.py"
_UNITS = {
    "estimator-disagreement": "reward",
    "log-problems": "problem",
    "unsupported-steps": "step",
    "shield-leaks": "step",
}
Key = tuple[str, str | None]  # metric and against
# What holds for every log: id, op, threshold, bound, and why.
_FIXED: dict[Key, Any] = {
    ("log-problems", None): (
        *("rl-log-contract", "<=", 0, "point"),
        "an estimate from a log with wrong propensities is wrong in an unknown direction",
    ),
    ("weight-error", None): (
        *("ope-propensities", "<=", 0.25, "upper95"),
        "weights have a mean of 1 if propensities are right and every action is covered",
    ),
    ("ess-ratio", None): (
        *("ope-ess-ratio", ">=", 0.2, "lower95"),
        "below it, intervals look sure and do not hold the true value",
    ),
    ("largest-weight", None): (
        *("ope-largest-weight", "<=", 50, "point"),
        "one episode of hundreds must not decide the estimate",
    ),
    ("unsupported-steps", None): (
        *("ope-support", "<=", 0, "point"),
        "the log cannot tell what an action earns that was never possible",
    ),
}


def propose(log: Any, discount: float, licence: str | None, report: Report) -> dict[str, str]:
    """Return the YAML of the config blocks `datasets`, `metrics`, `slices` and `gates`.

    `log` is a `mlcharter.evals.logs.Log`; `report` is of a policy that was judged on it.
    """
    return {
        "datasets": block(_dataset(log, licence, report)),
        "metrics": _metrics(report),
        "slices": "".join(f"- {flow(entry)}\n" for entry in _slices(report)),
        "gates": "".join(map(block, _gates(log, discount, report))),
    }


def _dataset(log: Any, licence: str | None, report: Report) -> dict[str, Any]:
    [dataset] = report.datasets
    splits = (a.sha256 for a in report.artifacts if a.kind == "split")
    key = "time" if "time" in log.table else "episode"
    return {
        "id": DATASET,
        "uri": LOG,
        "sha256": dataset.sha256,
        "rows": dataset.rows,
        "licence": licence or "NOASSERTION",
        "card": "docs/cards/data_decision_log.md",
        "split": {"kind": "time", "key": key, "sha256": next(splits, None)},
        "synthetic": 0.0,
    }


def _metrics(report: Report) -> str:
    values = {r.metric for r in report.results if r.metric.startswith("value-")}
    values |= {"worst-returns", "stressed-value"}
    units = _UNITS | dict.fromkeys(values, "reward")
    return metrics(report, PRODUCED_BY, units, values | {"ess-ratio"})


def _slices(report: Report) -> Iterator[dict[str, Any]]:
    where = {LATER: "the later half of the episodes", "every-step": "every logged step"}
    sizes: dict[str, Result] = {}
    for result in report.results:
        sizes.setdefault(result.slice, result)
    for name, result in sizes.items():
        yield {
            "id": name,
            "dataset": DATASET,
            "where": where[name],
            "min_n": floor(result.n),
            "protected": False,
            "alert": None,
        }


def _gates(log: Any, discount: float, report: Report) -> Iterator[dict[str, Any]]:
    """Yield a gate for each result that has a limit."""
    limits = {**_FIXED, **_beside_the_log(log, discount, report)}
    for result in report.results:
        if (result.metric, result.against) in limits:
            id_, op, threshold, bound, why = limits[result.metric, result.against]
            yield gate(id_, result, op, threshold, bound, why)


def _beside_the_log(log: Any, discount: float, report: Report) -> dict[Key, Any]:
    """Return the limits that follow from the log and from what its own policy reached."""
    step = log.table.groupby(log.episode).cumcount()
    returns = (discount**step * log.reward).groupby(log.episode).sum()
    spread, more = 0.2 * float(returns.std()), 1 - float(log.propensity.mean())
    found: dict[Key, Any] = {}
    value = report.by_key.get(("value-dr", DATASET, LATER, None))
    gain = report.by_key.get(("value-dr", DATASET, LATER, "behaviour"))
    if value is not None and gain is not None:
        why = f"the policy of the log earns {_rounded(value.value - gain.value)} an episode"
        found["value-dr", "behaviour"] = ("ope-uplift", ">=", 0, "lower95", why)
    if spread > 0:
        why = "estimators must agree within a fifth of the spread of returns in the log"
        limit = ("ope-disagreement", "<=", _rounded(spread), "upper95", why)
        found["estimator-disagreement", None] = limit
    tail = report.by_key.get(("worst-returns", DATASET, LATER, None))
    if tail is not None and tail.interval and tail.interval.lower < tail.interval.upper:
        least = float(returns.nsmallest(max(1, len(returns) // 20)).mean())
        why = f"the worst 5 % of the log's episodes earn {_rounded(least)}, and this is less"
        limit = ("policy-worst-returns", ">=", _rounded(least - 2 * spread), "lower95", why)
        found["worst-returns", None] = limit
    if "violation" in log.table:
        rate = _rounded(float(log.violated().mean()))
        why = f"the policy of the log violates a constraint in {rate} of its episodes"
        found["violation-rate", None] = ("policy-violations", "<=", rate, "upper95", why)
    if more < 0.98 - 1 / len(log.actions):  # else the log is of a policy that chooses at random
        why = "the policy of the log explores about as much"
        found["exploration", None] = ("policy-exploration", "<=", _rounded(more), "point", why)
    if not log.allowed.all():
        why = "no policy may take an action that the shield forbids"
        found["shield-leaks", None] = ("shield-leaks", "<=", 0, "point", why)
    return found


def _rounded(number: float) -> float:
    return float(f"{number:.3g}")
