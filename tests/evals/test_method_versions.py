"""An instrument that gives other numbers has another version.

numbers.json has, by instrument and version, what each gives on fixed data. After a change of
numbers, raise the version in METHODS and in template/methods.yml, then accept: an entry of a
version is added and never rewritten.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_evals_answers import CASES, DOCUMENTS, results
from test_fitted import walk

from conftest import ROOT
from mlcharter.evals import (
    METHODS,
    answers,
    bandits,
    baselines,
    calibration,
    digests,
    drift,
    fitted,
    intervals,
    judges,
    metrics,
    ope,
    preferences,
    probes,
    retrieval,
    risk,
    sequential,
    splits,
)
from mlcharter.evals.intervals import Estimate
from mlcharter.evals.preferences import best_of, bradley_terry
from mlcharter.evals.reports import Report

FILE = Path(__file__).with_name("numbers.json")
N = 60
_generator = np.random.default_rng(11)
TRUTH = _generator.integers(0, 2, N)
SCORES = np.clip(0.25 + 0.5 * TRUTH + _generator.normal(0, 0.25, N), 0, 1)
OTHER = np.clip(0.4 + 0.2 * TRUTH + _generator.normal(0, 0.2, N), 0, 1)
VALUES = _generator.gamma(2, 1, N)
CLUSTERS = np.repeat(range(N // 3), 3)
TABLE = pd.DataFrame({"a": SCORES, "b": OTHER, "c": np.where(VALUES > 2, "many", "few")})
LABELS = pd.Series(TRUTH)
HOW: dict[str, Any] = {"unit": "row", "seed": 1}


def ends(*estimates: Estimate) -> list[float]:
    return [number for e in estimates for number in (e.value, e.lower, e.upper)]


def measure_metrics() -> list[float]:
    """Every metric of a binary target and of a regression, and those of classes with two."""
    classes = (SCORES >= 0.5).astype(int)
    both = np.column_stack([1 - SCORES, SCORES])
    found = []
    for kind, truth in (("binary", TRUTH), ("multi-class", TRUTH), ("regression", VALUES)):
        for metric in metrics.METRICS[kind].values():  # type: ignore[index]
            predicted = classes if metric.takes == "classes" else SCORES
            if kind == "multi-class" and metric.takes == "probabilities":
                predicted = both
            found.append(metric.score(truth, predicted))
    return [*found, metrics.cost(5, 1).score(TRUTH, classes)]


def measure_baselines() -> list[float]:
    """What the models predict whose numbers are our own choice, not scikit-learn's trees."""
    found = []
    for name in ("constant", "one-column", "linear"):
        model = baselines.BASELINES[name]("binary", 1).fit(TABLE, LABELS)
        found += model.predict_proba(TABLE)[:5, 1].tolist()
    return found


class Half:
    """A learner of two actions that prefers the one that it was told more of."""

    def __init__(self) -> None:
        self.told = np.ones(2)

    def propensities(self, contexts: np.ndarray) -> np.ndarray:
        return np.tile(self.told / self.told.sum(), (len(contexts), 1))

    def update(self, contexts: np.ndarray, actions: np.ndarray, rewards: np.ndarray) -> None:
        self.told += np.bincount(actions, weights=rewards, minlength=2)


def measure_bandits() -> list[float]:
    world = bandits.World(TABLE[["a"]].to_numpy(), TABLE[["a", "b"]].to_numpy())
    feedback = bandits.Feedback(delay=3, missing=[0.0, 0.5])
    run = bandits.run(Half(), world, feedback, seed=1, batch=5)
    log = run.table(world, feedback)
    return [*run.regret(world)[::10].tolist(), *log["reward"][:5], float(run.exploration().sum())]


def measure_ope() -> list[float]:
    log = ope.Log(CLUSTERS, VALUES, 0.2 + 0.6 * SCORES, 0.2 + 0.6 * OTHER, q=VALUES, v=VALUES)
    support = ope.support(log, seed=1)
    found = [ope.value(log, name, seed=1) for name in ope.ESTIMATORS]
    numbers = ends(*found, support.ess_ratio, support.mean_weight, ope.disagreement(log, seed=1))
    return [*numbers, support.largest_weight, ope.lower_bound(log)]


def measure_risk() -> list[float]:
    log = ope.Log(np.arange(N), VALUES, 0.2 + 0.6 * SCORES, 0.2 + 0.6 * OTHER)
    found = [risk.worst(log, 0.2, seed=1), risk.replay(log, TRUTH, seed=1)]
    return [*ends(*found), risk.price(lambda price: 0.5 / (1 + price), 0.2)]


def measure_preferences() -> list[float]:
    items = [f"{k:02}" for k in range(N)]
    table = pd.DataFrame({"first": items, "second": items[1:] + items[:1], "rater": "r"})
    table["preferred"] = np.where(VALUES > OTHER + 1, "first", "second")
    again = table.assign(rater="s", preferred=np.where(TRUTH == 1, "first", "second"))
    labels = preferences.Labels(pd.concat([table, again, again]), items)
    features = TABLE[["a", "b"]].set_axis(items)
    model = bradley_terry.fit(features, labels)
    found = [bradley_terry.accuracy(model, features, labels, seed=1)]
    found += [labels.agreement(seed=1), labels.consistency(seed=1), labels.position_bias(seed=1)]
    curve = best_of.curve(SCORES.reshape(10, 6), VALUES.reshape(10, 6), [2, 4], seed=1)
    return [*model.weights.values(), *ends(*found), *ends(*(point.gain for point in curve))]


def measure_judges() -> list[float]:
    judge, human = (SCORES > 0.5).tolist(), (OTHER > 0.5).tolist()
    found = [f(judge, human, [False, True], **HOW) for f in (judges.kappa, judges.ac1)]
    return ends(*found)


def measure_splits() -> list[float]:
    split = splits.by_group(CLUSTERS.tolist(), share=0.4, salt="x")
    by_content = splits.by_content(TABLE, share=0.4, salt="x")
    near = splits.near_duplicates(TABLE, by_content, tolerance=0.2)
    return [*map(float, np.flatnonzero(split.test)), float(by_content.test.sum()), float(len(near))]


def measure_probes() -> list[float]:
    shuffled = probes.shuffled_labels(lambda t, y: float((t.a * y).mean()), TABLE, LABELS, seed=1)
    return [*probes.column_scores(TABLE, LABELS, seed=1).tolist(), *shuffled[:3]]


def measure_fitted() -> list[float]:
    log = walk(20)
    found = fitted.cross_fitted(log, np.tile([0.25, 0.75], (len(log), 1)), discount=0.5)
    return [*found["q"][:5].tolist(), *found["v"][:5].tolist()]


def measure_answers() -> list[float]:
    report = Report("rag", seed=7)
    answers.add_answers(report, CASES, wrong=5, silence=1)
    answers.add_support(report, CASES, DOCUMENTS, lambda claim, quoted: claim in quoted)
    return list(results(report).values())


def measure_retrieval() -> list[float]:
    found: list[set[int]] = [set(), {0}, set(), {1, 0}, {2}]
    both = [f(found, 4, k) for f in (retrieval.recall, retrieval.ndcg) for k in (1, 3, 5)]
    return [*both, retrieval.reciprocal_rank(found, 5), retrieval.hit(found, 2)]


def measure_corrected() -> list[float]:
    right = {"true_positives": 80, "positives": 100, "true_negatives": 90, "negatives": 100}
    return ends(judges.corrected_rate(300, 1000, unit="answer", **right))


def measure_calibration() -> list[float]:
    plain = [calibration.ece(TRUTH, SCORES), calibration.squared_error(TRUTH, SCORES)]
    return [*plain, *ends(calibration.estimate_ece(TRUTH, SCORES, **HOW))]


def measure_drift() -> list[float]:
    found = [drift.psi(SCORES, OTHER), drift.ks(SCORES, OTHER), drift.psi(["a", "b"], ["b", "b"])]
    return [number for d in found for number in (d.size, d.limit)]


INSTRUMENTS: dict[str, Callable[[], Any]] = {
    "answers": measure_answers,
    "bandits": measure_bandits,
    "baselines": measure_baselines,
    "bca": lambda: ends(intervals.mean(VALUES, CLUSTERS, **HOW)),
    "beta-mixture": lambda: ends(sequential.rate(TRUTH, unit="row")),
    "calibration": measure_calibration,
    "clopper-pearson": lambda: ends(intervals.clopper_pearson(7, 20, unit="row")),
    "delong": lambda: ends(*(metrics.delong(TRUTH, SCORES, against=a) for a in (None, OTHER))),
    "digests": lambda: [digests.frame(TABLE.round(3)), digests.rows([{"a": 1.5, "b": None}])],
    "drift": measure_drift,
    "fitted": measure_fitted,
    "judges": measure_judges,
    "korn-graubard": lambda: ends(intervals.clustered_share(TRUTH, CLUSTERS, unit="user")),
    "metrics": measure_metrics,
    "ope": measure_ope,
    "preferences": measure_preferences,
    "percentile": lambda: ends(intervals.mean(VALUES, CLUSTERS, method="percentile", **HOW)),
    "probes": measure_probes,
    "retrieval": measure_retrieval,
    "risk": measure_risk,
    "rogan-gladen": measure_corrected,
    "sequential": lambda: sequential.RateTest(0.2, 0.05).log_evidence(TRUTH)[::10].tolist(),
    "splits": measure_splits,
    "wilson": lambda: ends(intervals.wilson(7, 20, unit="row")),
}


def find_problem(known: dict[str, Any], name: str, version: str, numbers: list[Any]) -> str | None:
    """Return why the numbers of an instrument are not those of its version; None if they are."""
    recorded = known.get(name, {}).get(version)
    if recorded is None:
        return f"{name} {version} has no numbers; run the tests with --accept"
    same = recorded == numbers or (
        len(recorded) == len(numbers)
        and not isinstance(numbers[0], str)
        and recorded == pytest.approx(numbers, rel=1e-6, abs=1e-9)
    )
    if not same:
        return f"{name} {version} gives other numbers; raise its version in METHODS"
    return None


@pytest.mark.parametrize("name", METHODS)
def test_an_instrument_gives_the_numbers_of_its_version(
    name: str, request: pytest.FixtureRequest
) -> None:
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    numbers = [n if isinstance(n, str) else round(float(n), 9) for n in INSTRUMENTS[name]()]
    if request.config.getoption("--accept") and METHODS[name] not in known.get(name, {}):
        known.setdefault(name, {})[METHODS[name]] = numbers
        FILE.write_text(write(known))

    assert find_problem(known, name, METHODS[name], numbers) is None


def write(known: dict[str, Any]) -> str:
    """A line for each version of each instrument."""
    lines = [
        f' "{name}": {{\n'
        + ",\n".join(f'  "{v}": {json.dumps(numbers)}' for v, numbers in sorted(found.items()))
        + "\n }"
        for name, found in sorted(known.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def test_other_numbers_without_another_version_are_a_problem() -> None:
    known = {"wilson": {"1": [0.35, 0.18, 0.57]}}

    assert find_problem(known, "wilson", "1", [0.35, 0.18, 0.57]) is None
    changed = [0.35, 0.18, 0.571]
    message = "wilson 1 gives other numbers; raise its version in METHODS"
    assert find_problem(known, "wilson", "1", changed) == message
    message = "wilson 2 has no numbers; run the tests with --accept"
    assert find_problem(known, "wilson", "2", changed) == message


def test_each_instrument_is_measured_and_the_template_names_the_same_versions() -> None:
    assert METHODS.keys() == INSTRUMENTS.keys()
    template = (ROOT / "template/methods.yml").read_text(encoding="utf-8")
    assert dict(re.findall(r'^([a-z-]+): "(.+)"$', template, re.MULTILINE)) == METHODS
