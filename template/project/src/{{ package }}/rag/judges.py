"""Hygiene for judges that compare two answers: both orders, anchors, agreement with people."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..intervals import Indices, Interval, bootstrap, wilson

LABELS = ("a", "b", "tie")


@dataclass(frozen=True)
class Verdict:
    """One comparison; `order` says which answer was shown first, `winner` which position won.

    `anchor` is the answer that is better beyond doubt, where the pair is a control;
    `human` is a person's label, where the pair was audited.
    """

    pair: str
    order: str
    winner: str
    judge: str
    prompt_sha256: str
    anchor: str | None = None
    human: str | None = None

    @property
    def label(self) -> str:
        """The winner by name and not by position."""
        if self.winner == "tie":
            return "tie"
        return self.order[0 if self.winner == "first" else 1]


@dataclass(frozen=True)
class Pair:
    """A pair judged in both orders; `label` is a tie where the orders contradict each other."""

    label: str
    flipped: bool
    anchor: str | None
    human: str | None


def paired(verdicts: Sequence[Verdict]) -> tuple[list[Pair], int]:
    """The pairs that were judged in both orders, and the number of those that were not."""
    orders: dict[str, dict[str, Verdict]] = {}
    for verdict in verdicts:
        orders.setdefault(verdict.pair, {})[verdict.order] = verdict
    pairs = []
    for seen in orders.values():
        if set(seen) == {"ab", "ba"}:
            one, other = seen["ab"], seen["ba"]
            label = one.label if one.label == other.label else "tie"
            pairs.append(Pair(label, one.label != other.label, one.anchor, one.human))
    return pairs, len(orders) - len(pairs)


def kappa(pairs: Sequence[Pair], *, seed: int) -> tuple[float, int, Interval]:
    """Cohen's kappa between judge and people on the audited pairs, their number, the interval."""
    audited = [(pair.label, pair.human) for pair in pairs if pair.human is not None]
    codes = np.array([[LABELS.index(ours), LABELS.index(theirs)] for ours, theirs in audited])

    def statistic(rows: Indices) -> float:
        table = np.zeros((len(LABELS), len(LABELS)))
        np.add.at(table, (codes[rows, 0], codes[rows, 1]), 1 / len(rows))
        chance = float(table.sum(axis=1) @ table.sum(axis=0))
        return (float(np.trace(table)) - chance) / (1 - chance) if chance < 1 else float("nan")

    everyone = np.arange(len(codes))
    return statistic(everyone), len(codes), bootstrap(statistic, everyone, unit="pair", seed=seed)


def share(pairs: Sequence[Pair], holds: Callable[[Pair], bool]) -> tuple[float, int, Interval]:
    """The share of pairs for which something holds, their number, Wilson's interval."""
    hits = sum(map(holds, pairs))
    return hits / len(pairs), len(pairs), wilson(hits, len(pairs), unit="pair")


def favoured_position(verdicts: Sequence[Verdict]) -> tuple[float, int, Interval]:
    """How often the position that wins more often wins, of all that were decided; 0.5 is fair."""
    wins = Counter(verdict.winner for verdict in verdicts)
    most, decided = max(wins["first"], wins["second"]), wins["first"] + wins["second"]
    return most / decided, decided, wilson(most, decided, unit="pair")
