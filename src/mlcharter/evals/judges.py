"""How far a judge (a model that labels or compares answers) can be trusted.

Sources: Cohen (1960), A coefficient of agreement for nominal scales; Cohen (1968), Weighted kappa;
Gwet (2008), Computing inter-rater reliability and its variance in the presence of high agreement;
Rogan and Gladen (1978), Estimating prevalence from the results of a screening test; Zheng et al.
(2023), Judging LLM-as-a-judge with MT-Bench and Chatbot Arena (position bias).
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mlcharter.evals import name_method
from mlcharter.evals.intervals import Estimate, Rows, bootstrap, clopper_pearson, wilson

Weights = Literal["nominal", "linear", "quadratic"]
Array = npt.NDArray[Any]


def kappa(
    judge: Sequence[Hashable],
    human: Sequence[Hashable],
    labels: Sequence[Hashable],
    *,
    unit: str,
    seed: int,
    weights: Weights = "nominal",
    clusters: npt.ArrayLike | None = None,
    resamples: int = 1000,
) -> Estimate:
    """Return Cohen's kappa of two raters, shape (items,), with its BCa interval over clusters.

    1 is full agreement and 0 that of chance: 1 - sum(w * observed) / sum(w * expected), where w is
    0 on the diagonal. `labels` are all possible ones; for `linear` and `quadratic` weights, in
    their order. Raises ValueError for a label that is not listed, and if both raters always give
    the same single label, where kappa is undefined.
    """
    order = list(range(len(labels)))
    distance = np.abs(np.subtract.outer(order, order)).astype(float)
    powers = {"nominal": 0, "linear": 1, "quadratic": 2}
    weight = np.where(distance > 0, distance ** powers[weights], 0.0)

    def statistic(table: Array) -> float:
        expected = (weight * np.outer(table.sum(axis=1), table.sum(axis=0))).sum()
        return float(1 - (weight * table).sum() / expected) if expected > 0 else float("nan")

    return _agreement(statistic, judge, human, labels, clusters, unit, seed, resamples)


def ac1(
    judge: Sequence[Hashable],
    human: Sequence[Hashable],
    labels: Sequence[Hashable],
    *,
    unit: str,
    seed: int,
    clusters: npt.ArrayLike | None = None,
    resamples: int = 1000,
) -> Estimate:
    """Return Gwet's AC1 of two raters, shape (items,), with its BCa interval over clusters.

    (observed - chance) / (1 - chance), chance = sum(p * (1 - p)) / (labels - 1), p the mean share
    of a label. Unlike kappa, it stays high if nearly all items have one label and raters agree.
    """
    if len(labels) < 2:
        raise ValueError("agreement needs two labels or more")

    def statistic(table: Array) -> float:
        share = (table.sum(axis=1) + table.sum(axis=0)) / 2
        chance = float((share * (1 - share)).sum() / (len(labels) - 1))
        return (float(np.trace(table)) - chance) / (1 - chance)

    return _agreement(statistic, judge, human, labels, clusters, unit, seed, resamples)


def _agreement(
    statistic: Callable[[Array], float],
    judge: Sequence[Hashable],
    human: Sequence[Hashable],
    labels: Sequence[Hashable],
    clusters: npt.ArrayLike | None,
    unit: str,
    seed: int,
    resamples: int,
) -> Estimate:
    """The bootstrap of a statistic of the table of shares, judge by human."""
    if len(judge) != len(human):
        raise ValueError(f"{len(judge)} labels of the judge, {len(human)} of people")
    place = {label: i for i, label in enumerate(labels)}
    for row, label in enumerate([*judge, *human]):
        if label not in place:
            raise ValueError(f"item {row % len(judge)} has the label {label!r}, not of {labels}")
    size = len(labels)
    cells = np.array([place[j] * size + place[h] for j, h in zip(judge, human, strict=True)])

    def table(rows: Rows) -> float:
        counts = np.bincount(cells[rows], minlength=size * size).reshape(size, size)
        return statistic(counts / len(rows))

    groups = np.arange(len(cells)) if clusters is None else clusters
    return bootstrap(table, groups, unit=unit, seed=seed, resamples=resamples)


Winner = Literal["first", "second", "tie"]


@dataclass(frozen=True)
class Comparison:
    """One verdict on a pair of answers a and b: `order` says which was shown first."""

    pair: Hashable
    order: Literal["ab", "ba"]
    winner: Winner

    @property
    def label(self) -> str:
        """The winner by name: `a`, `b` or `tie`."""
        return "tie" if self.winner == "tie" else self.order[self.winner == "second"]


@dataclass(frozen=True)
class BothOrders:
    """Pairs that were judged in both orders.

    `labels` has the winner of each pair, a tie if the orders contradict each other. `flips` is the
    share of pairs with contradicting orders, and `ties` that of pairs without a winner, these
    included. `first_wins` is the share of verdicts other than ties that chose the answer shown
    first. Each answer is shown first once, so it is 0.5 if the judge
    has no position bias. `incomplete` are pairs that were judged in one order only.
    """

    labels: Mapping[Hashable, str]
    flips: Estimate
    ties: Estimate
    first_wins: Estimate
    incomplete: tuple[Hashable, ...]


def both_orders(verdicts: Sequence[Comparison], *, seed: int) -> BothOrders:
    """Return what both orders of the same pairs say of a judge.

    `first_wins` has an interval over pairs, whose two verdicts depend on each other. Raises
    ValueError if an order of a pair was judged twice, or nothing was judged in both orders.
    """
    orders: dict[Hashable, dict[str, Comparison]] = {}
    for verdict in verdicts:
        seen = orders.setdefault(verdict.pair, {})
        if verdict.order in seen:
            raise ValueError(f"pair {verdict.pair!r} has the order {verdict.order} twice")
        seen[verdict.order] = verdict
    pairs = {pair: (seen["ab"], seen["ba"]) for pair, seen in orders.items() if len(seen) == 2}
    if not pairs:
        raise ValueError("no pair was judged in both orders")
    same = {pair: ab.label == ba.label for pair, (ab, ba) in pairs.items()}
    labels = {pair: ab.label if same[pair] else "tie" for pair, (ab, _) in pairs.items()}
    ties = sum(label == "tie" for label in labels.values())
    return BothOrders(
        labels=labels,
        ties=wilson(ties, len(pairs), unit="pair"),
        flips=wilson(sum(not agreed for agreed in same.values()), len(pairs), unit="pair"),
        first_wins=_first_wins(list(pairs.values()), seed),
        incomplete=tuple(pair for pair in orders if pair not in pairs),
    )


def _first_wins(pairs: Sequence[tuple[Comparison, Comparison]], seed: int) -> Estimate:
    counts = [Counter(verdict.winner for verdict in pair) for pair in pairs]
    first = np.array([count["first"] for count in counts], dtype=float)
    decided = np.array([count["first"] + count["second"] for count in counts], dtype=float)
    if not decided.any():
        raise ValueError("the judge decided no pair; every verdict is a tie")

    def share(rows: Rows) -> float:
        total = decided[rows].sum()
        return float(first[rows].sum() / total) if total else float("nan")

    return bootstrap(share, range(len(pairs)), unit="pair", seed=seed, method="percentile")


def corrected_rate(
    flagged: int,
    n: int,
    *,
    true_positives: int,
    positives: int,
    true_negatives: int,
    negatives: int,
    unit: str,
    level: float = 0.95,
) -> Estimate:
    """Return the true rate behind a judge that makes errors (Rogan and Gladen).

    (flagged / n + specificity - 1) / (sensitivity + specificity - 1), cut to 0 to 1. Sensitivity is
    `true_positives / positives` and specificity `true_negatives / negatives`, on items that people
    labelled. The interval takes Clopper-Pearson ends of all three shares, each at 1 - alpha / 3
    (Bonferroni), so it covers at least `level`, in any sample. Raises ValueError if the judge may
    be no better than chance: the lower ends of sensitivity and specificity do not add up to
    more than 1.
    """
    part = 1 - (1 - level) / 3
    rate = clopper_pearson(flagged, n, unit=unit, level=part)
    hit = clopper_pearson(true_positives, positives, unit=unit, level=part)
    spared = clopper_pearson(true_negatives, negatives, unit=unit, level=part)
    if hit.lower + spared.lower <= 1:
        raise ValueError(
            f"sensitivity may be {hit.lower:.2f} and specificity {spared.lower:.2f}, which is no "
            "better than chance; label more items by hand, or take a better judge"
        )

    def true(seen: float, sensitivity: float, specificity: float) -> float:
        found = (seen + specificity - 1) / (sensitivity + specificity - 1)
        return min(1.0, max(0.0, found))

    corners = [
        true(seen, sensitivity, specificity)
        for seen in (rate.lower, rate.upper)
        for sensitivity in (hit.lower, hit.upper)
        for specificity in (spared.lower, spared.upper)
    ]
    value = true(rate.value, hit.value, spared.value)
    name = "clopper-pearson", name_method("rogan-gladen")
    return Estimate(value, min(corners), max(corners), level, *name, unit, n)
