"""When to answer and when to abstain: the threshold that costs ask for, and risk by coverage.

`right` says whether the answer to each question is right, or would be if it was shown;
`confidence`, from 0 to 1, is how likely that is. Both have shape (questions,).

Sources: Chow (1970), On optimum recognition error and reject tradeoff (the threshold); El-Yaniv and
Wiener (2010), On the foundations of noise-free selective classification (risk and coverage);
Geifman, Uziel and El-Yaniv (2019), Bias-reduced uncertainty estimation (area under the curve).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Curve:
    """Risk by coverage, from the most confident answers to all of them; arrays of one shape.

    With `threshold[i]` the system answers the share `coverage[i]` of the questions, and the share
    `risk[i]` of these answers is wrong.
    """

    threshold: Array
    coverage: Array
    risk: Array

    @property
    def area(self) -> float:
        """The mean risk over coverage, 0 to 1; it is the overall risk if confidence says nothing.

        Each question counts with the risk at which it is first answered.
        """
        return float((np.diff(self.coverage, prepend=0.0) * self.risk).sum())

    def at(self, threshold: float) -> tuple[float, float]:
        """Return coverage and risk if it answers from `threshold` on; no answer has no risk."""
        last = np.flatnonzero(self.threshold >= threshold)[-1:]
        return float(self.coverage[last].sum()), float(self.risk[last].sum())


def find_threshold(*, wrong: float, silence: float) -> float:
    """Return the probability of being right from which an answer costs less than silence.

    An answer that is right with probability p costs (1 - p) * `wrong` on average, and to withhold
    it p * `silence`: what a right answer would have been worth. They are equal at
    wrong / (wrong + silence).
    """
    if not (wrong > 0 and silence > 0):
        raise ValueError(f"costs are above 0, not {wrong} and {silence}")
    return wrong / (wrong + silence)


def find_costs(
    right: npt.ArrayLike, shown: npt.ArrayLike, *, wrong: float, silence: float
) -> Array:
    """Return what each question costs more than silence, shape (questions,).

    A wrong answer that is shown costs `wrong`, a right one saves `silence`, and one that is
    withheld makes no difference.
    """
    costs = np.where(np.asarray(right, dtype=bool), -float(silence), float(wrong))
    return np.where(np.asarray(shown, dtype=bool), costs, 0.0)


def trace_risk(right: npt.ArrayLike, confidence: npt.ArrayLike) -> Curve:
    """Return risk by coverage; answers of equal confidence are shown together or not at all."""
    hits, scores = np.asarray(right, dtype=bool), np.asarray(confidence, dtype=np.float64)
    if hits.ndim != 1 or hits.shape != scores.shape or not len(hits):
        raise ValueError(
            f"right and confidence have shape (questions,), not {hits.shape} and {scores.shape}"
        )
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    wrong = np.cumsum(~hits[order])[last]
    return Curve(ordered[last], (last + 1) / len(hits), wrong / (last + 1))
