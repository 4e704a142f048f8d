"""Propose config blocks for a table of cases from the report of its first run.

Thresholds come from baseline models, never from the candidate's own result. They only warn, and
`decided_on` stays empty until a person has decided. Gates that so few cases cannot decide are left
out, and so are those beside a column that tells the target alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlcharter.formats.report import Report, Result
from mlcharter.gate import power
from mlcharter.gate.loading import EVAL_PACK
from mlcharter.starter.entries import block, floor, flow, gate, metrics
from mlcharter.starter.profile import Profile, slug

PRODUCED_BY = "evals/applied.py"
HIGHER_IS_BETTER = ("auc", "auc-ovo", "r2")
OUTSIDE = "outside-git:"  # a scheme: `check` does not look for the file
FEWEST = 30  # cases of a gate; with fewer, an interval says little about its own width
TELLS_ALL = 0.95
# What holds without a look at any result: the threshold, the bound, and why.
_FIXED = {
    "calibration-error": (0.1, "upper95", "a probability is used as one only if it is right"),
    "near-duplicates": (0, "point", "a test row that was trained on measures memory"),
    "best-column-score": (
        TELLS_ALL,
        "point",
        "a column that tells the target alone is usually filled in after it; chance is 0, and a "
        "perfect column 1, other than for an AUC",
    ),
    "auc-shuffled-labels": (0.55, "upper95", "with shuffled labels, what is found is a leak"),
    "auc-ovo-shuffled-labels": (0.55, "upper95", "with shuffled labels, what is found is a leak"),
    "r2-shuffled-labels": (0.05, "upper95", "with shuffled labels, what is found is a leak"),
}
_UNITS = {"near-duplicates": "count", "cost": "cost a row"}
_FIXED_IDS = {
    "calibration-error": "calibration-overall",
    "near-duplicates": "no-near-duplicates",
    "best-column-score": "no-column-tells-all",
}


def propose(report: Report, profile: Profile) -> dict[str, str]:
    """Return the YAML of the config blocks `datasets`, `metrics`, `slices` and `gates`."""
    return {
        "datasets": "".join(map(block, _datasets(report, profile))),
        "metrics": metrics(report, PRODUCED_BY, _UNITS, HIGHER_IS_BETTER),
        "slices": "".join(f"- {flow(entry)}\n" for entry in _slices(report, profile)),
        "gates": "".join(block(each.entry) for each in _gates(report) if each.is_decidable),
    }


def comment(report: Report) -> list[str]:
    """Return which gates are left out, and what a person must decide beside the gates."""
    few = [each for each in _gates(report) if not each.is_decidable]
    shown = ", ".join(f"{each.entry['id']} (n {each.result.n})" for each in few)
    lines = [f"no gate, since so few cases cannot decide it: {shown}"] if few else []
    if _has_leak(report):
        lines.append(
            "no gate compares with the best single column, since that tells the target alone; "
            "without it, make the gates again"
        )
    return [
        *lines,
        f"decide in {EVAL_PACK}: which slices are `protected` (now false), and which share of the "
        "rows is `synthetic` (now 0)",
    ]


@dataclass(frozen=True)
class Proposed:
    """A gate, the result that it decides on, and `better`: a number of a much better system.

    Such a system makes half of the errors that the gate allows. A gate that would not pass it in
    80 % of runs needs more cases. This asks how wide the interval of the result is, and not where
    it is, so that no gate is left out because the candidate fails it.
    """

    entry: dict[str, Any]
    result: Result
    better: float | None = None

    @property
    def is_decidable(self) -> bool:
        if self.better is None:
            return True
        if self.result.n < FEWEST:
            return False
        rising = self.entry["op"] == ">="
        threshold = float(self.entry["threshold"])
        reach = power.of_result(self.result, threshold, rising=rising, is_ratio=False)
        if reach is None or reach.passing is None:
            return True  # nothing is known about the spread
        return reach.passing <= self.better if rising else reach.passing >= self.better


def _datasets(report: Report, profile: Profile) -> Iterator[dict[str, Any]]:
    request = profile.request
    split = "time" if request.time else "group"
    key = request.time or request.entity or "content"
    for dataset in report.datasets:
        part = "#labelled" if profile.unlabelled else ""
        digests = (a.sha256 for a in report.artifacts if a.kind == "split" and a.name == dataset.id)
        yield {
            "id": dataset.id,
            "uri": f"{OUTSIDE if request.private else ''}data/{profile.name}.csv{part}",
            "sha256": dataset.sha256,
            "rows": dataset.rows,
            "licence": request.licence or "NOASSERTION",
            "card": f"docs/cards/data_{profile.name.replace('-', '_')}.md",
            "split": {"kind": split, "key": key, "sha256": next(digests, None)},
            "synthetic": 0.0,
        }


def _slices(report: Report, profile: Profile) -> Iterator[dict[str, Any]]:
    groups = {
        slug(f"{column.name}-{value}"): f"{column.name} is {value}"
        for column in profile.columns
        if column.name in profile.request.groups
        for value in (*column.values, "missing")
    }
    for part in report.slices:
        whole = "every repeat" if part.unit == "repeat" else "every row of the test set"
        yield {
            "id": part.slice,
            "dataset": part.dataset,
            "where": groups.get(part.slice, whole),
            "min_n": floor(part.n),
            "protected": False,
            "alert": None,
        }


def _has_leak(report: Report) -> bool:
    return any(r.metric == "best-column-score" and r.value > TELLS_ALL for r in report.results)


def _gates(report: Report) -> Iterator[Proposed]:
    leak = _has_leak(report)
    for result in report.results:
        higher = result.metric in HIGHER_IS_BETTER
        if result.metric in _FIXED:
            threshold, bound, why = _FIXED[result.metric]
            id_ = _FIXED_IDS.get(result.metric, "probe-shuffled-labels")
            entry = gate(id_, result, "<=", threshold, bound, why)
            yield Proposed(entry, result, 0.05 if result.metric == "calibration-error" else None)
        elif result.against == "one-column" and higher and not leak:
            why = "all columns together must not rank worse than the best one alone"
            entry = gate(f"{result.metric}-over-one-column", result, ">=", 0, "lower95", why)
            alone = _find_baseline(result, report, "one-column") or 0.0
            yield Proposed(entry, result, (1 - alone) / 2)
        elif result.against == "boosted" and higher:
            why = "the simpler model is kept while boosted trees are not noticeably better"
            entry = gate(f"{result.metric}-beside-boosted", result, ">=", -0.02, "lower95", why)
            yield Proposed(entry, result, 0.0)
        elif result.against is None and not (higher and leak):
            yield from _beside_baseline(result, report)


def _beside_baseline(result: Result, report: Report) -> Iterator[Proposed]:
    """Yield a gate at what a baseline model reaches on the same rows.

    That is the best single column for a score, and the constant for an error. For costs that the
    team states, the constant is the cheapest decision that looks at no column.
    """
    higher = result.metric in HIGHER_IS_BETTER
    reached = _find_baseline(result, report, "one-column" if higher else "constant")
    if reached is None:
        return
    threshold = round(reached, 3)
    first = next(r for r in report.results if r.metric == result.metric and r.against is None)
    part = "overall" if result is first else result.slice
    where = "" if result is first else " in this slice"
    what = "the best single column" if higher else "the same prediction for every row"
    op, bound = (">=", "lower95") if higher else ("<=", "upper95")
    why = f"{what} has {threshold}{where}"
    entry = gate(f"{result.metric}-{part}", result, op, threshold, bound, why)
    yield Proposed(entry, result, (1 + reached) / 2 if higher else reached / 2)


def _find_baseline(result: Result, report: Report, name: str) -> float | None:
    """Return what a baseline reaches where a result was measured; None if it was not run there."""
    key = (result.metric, result.dataset, result.slice)
    own, difference = report.by_key.get((*key, None)), report.by_key.get((*key, name))
    return own.value - difference.value if own and difference else None
