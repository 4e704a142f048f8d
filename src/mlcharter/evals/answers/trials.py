"""Ask several times: how often all answers to a question are right (pass^k).

    trials = [answered(System(..., generator=vary(model, n))) for n in range(5)]
    add_trials(report, trials, k=3)

`right` of an unanswerable question is that the system abstains.
Source: Yao et al. (2024), tau-bench: A benchmark for tool-agent-user interaction (pass^k).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

from mlcharter.evals import intervals
from mlcharter.evals.answers import DATASET, SEED, UNIT, Case
from mlcharter.evals.generation import Generator
from mlcharter.evals.reports import Report


@dataclass(frozen=True)
class Trial:
    """A generator that gives each request the `seed` of a trial, so that replies are recorded."""

    generator: Generator
    seed: int

    @property
    def model(self) -> str:
        return self.generator.model

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.generator.complete({**body, "seed": self.seed})


def vary(generator: Generator | None, seed: int) -> Trial | None:
    """Return the generator of a trial; None for a system that has no generator."""
    return None if generator is None else Trial(generator, seed)


def estimate_pass(right: int, n: int, k: int) -> float:
    """Return the unbiased estimate that `k` new trials are all right, if `right` of `n` were.

    C(right, k) / C(n, k). Raises ValueError unless 1 <= k <= n and 0 <= right <= n.
    """
    if not (1 <= k <= n and 0 <= right <= n):
        raise ValueError(f"pass^k needs 1 <= k <= n and 0 <= right <= n, not {right}, {n}, {k}")
    return comb(right, k) / comb(n, k)


def add_trials(report: Report, trials: Sequence[Sequence[Case]], *, k: int) -> None:
    """Add pass^k of `trials`, each the same questions in the same order, as `pass-hat-<k>`.

    Slices are those of `answer-hit` and `abstention`, and all. `trials-identical` is the exact
    share of questions that all trials answer with the same sentences; if that is 1, pass^k is
    pass^1. Intervals are over documents, and so over questions too.
    """
    asked = [[case.question.text for case in trial] for trial in trials]
    if any(texts != asked[0] for texts in asked):
        raise ValueError("trials have other questions; ask each of them the same ones")
    rows = list(zip(*trials, strict=True))
    same = sum(len({tuple(case.answer.sentences) for case in row}) == 1 for row in rows)
    report.add_count("trials-identical", DATASET, same / len(rows), n=len(rows))
    if same == len(rows):
        print(f"all {len(trials)} trials are identical, so pass^{k} says nothing more than pass^1")
    for where in ("all", "answerable", "unanswerable"):
        inside = [row for row in rows if where in ("all", _name_kind(row[0]))]
        clusters = [row[0].question.cluster for row in inside]
        if len(set(clusters)) > 1:
            values = [estimate_pass(sum(map(_is_right, row)), len(row), k) for row in inside]
            estimate = intervals.mean(values, clusters, unit=UNIT, seed=SEED)
            report.add(f"pass-hat-{k}", DATASET, estimate, slice=where)


def _name_kind(case: Case) -> str:
    return "answerable" if case.question.answerable else "unanswerable"


def _is_right(case: Case) -> bool:
    return case.right if case.question.answerable else case.answer.abstained
