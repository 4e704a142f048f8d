"""Propose config blocks for a table of cases from the report of its first run.

Thresholds come from baseline models, never from the candidate's own result. They only warn, and
`decided_on` stays empty until a person has decided.
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.formats.report import Report, Result
from mlcharter.starter.entries import block, floor, flow, gate, metrics
from mlcharter.starter.profile import Profile, slug

PRODUCED_BY = "evals/applied.py"
HIGHER_IS_BETTER = ("auc", "auc-ovo", "r2")
# What holds without a look at any result: the threshold, the bound, and why.
_FIXED = {
    "calibration-error": (0.1, "upper95", "a probability is used as one only if it is right"),
    "near-duplicates": (0, "point", "a test row that was trained on measures memory"),
    "best-column-score": (
        0.95,
        "point",
        "a column that tells the target alone is usually filled in after it",
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
        "gates": "".join(map(block, _gates(report))),
    }


def _datasets(report: Report, profile: Profile) -> Iterator[dict[str, Any]]:
    request = profile.request
    split = "time" if request.time else "group"
    key = request.time or request.entity or "content"
    for dataset in report.datasets:
        part = "#labelled" if profile.unlabelled else ""
        digests = (a.sha256 for a in report.artifacts if a.kind == "split" and a.name == dataset.id)
        yield {
            "id": dataset.id,
            "uri": f"data/{profile.name}.csv{part}",
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


def _gates(report: Report) -> Iterator[dict[str, Any]]:
    for result in report.results:
        if result.metric in _FIXED:
            threshold, bound, why = _FIXED[result.metric]
            id_ = _FIXED_IDS.get(result.metric, "probe-shuffled-labels")
            yield gate(id_, result, "<=", threshold, bound, why)
        elif result.against == "one-column" and result.metric in HIGHER_IS_BETTER:
            why = "all columns together must not rank worse than the best one alone"
            yield gate(f"{result.metric}-over-one-column", result, ">=", 0, "lower95", why)
        elif result.against == "boosted" and result.metric in HIGHER_IS_BETTER:
            why = "the simpler model is kept while boosted trees are not noticeably better"
            yield gate(f"{result.metric}-beside-boosted", result, ">=", -0.02, "lower95", why)
        elif result.against is None:
            yield from _beside_baseline(result, report)


def _beside_baseline(result: Result, report: Report) -> Iterator[dict[str, Any]]:
    """Yield a gate at what a baseline model reaches on all test rows.

    That is the best single column for a score, and the constant for an error. For costs that the
    team states, the constant is the cheapest decision that looks at no column.
    """
    higher = result.metric in HIGHER_IS_BETTER
    name = "one-column" if higher else "constant"
    whole = next(r for r in report.results if r.metric == result.metric and r.against is None)
    key = (result.metric, whole.dataset, whole.slice, name)
    if (difference := report.by_key.get(key)) is None:
        return
    threshold = round(whole.value - difference.value, 3)
    part = "overall" if result is whole else result.slice
    what = "the best single column" if higher else "the same prediction for every row"
    op, bound = (">=", "lower95") if higher else ("<=", "upper95")
    yield gate(f"{result.metric}-{part}", result, op, threshold, bound, f"{what} has {threshold}")
