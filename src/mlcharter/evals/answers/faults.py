"""Ways to break a system that answers questions, each of which a gate must notice.

    worse = [Case(case.question, faults.embellish(case.answer)) for case in cases]

Answers are dataclasses with `sentences`, `citations` and `retrieved`; those given stay as they are.
"""

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mlcharter.evals.answers import Case

_WORD = re.compile(r"\w+")


def drop_citation(answer: Any) -> Any:
    """Return an answer without its first citation."""
    return replace(answer, citations=answer.citations[1:])


def embellish(answer: Any) -> Any:
    """Return an answer that adds to each sentence what no source says."""
    return replace(answer, sentences=tuple(f"Nobody knows; {s}" for s in answer.sentences))


def cite_first(answer: Any) -> Any:
    """Return an answer that cites the first passage as it is, orders to a model included."""
    return replace(answer, citations=answer.retrieved[:1])


def accept_half(claim: str, quoted: str) -> bool:
    """Return whether a text has half of the words of a claim: a check that contradictions pass."""
    said = set(_WORD.findall(claim.casefold()))
    return len(said & set(_WORD.findall(quoted.casefold()))) >= len(said) / 2


def score_at_random(n: int) -> Callable[..., Any]:
    """Return a retriever that gives each of `n` passages a score from 0 to 1, by chance.

    It takes a question, whose scores are always the same, and which passages to score.
    """

    def score(question: str, rows: Any = ...) -> Any:
        return np.random.default_rng(zlib.crc32(question.encode())).random(n)[rows]

    return score


def edit_cited(cases: Sequence[Case], documents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the documents after an edit of the first one that is cited."""
    name = next(span.document for case in cases for span in case.answer.citations)
    return {**documents, name: documents[name].swapcase()}


def search_again(system: Any) -> Any:
    """Return a system that answers each question twice, in one trace, and shows the last answer."""
    answer = system.answer

    def twice(question: str, *given: Any) -> Any:
        from opentelemetry import trace  # the team's own dependency

        with trace.get_tracer(__name__).start_as_current_span("answer twice"):
            answer(question, *given)
            return answer(question, *given)

    system.answer = twice
    return system
