"""The golden set: questions, the spans that answer them, and questions nothing answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..parsing import parsed
from .chunks import Place
from .citations import Citation


@dataclass(frozen=True)
class Question:
    """`kind` is answerable, near (about the subject, but not in the corpus) or far.

    Any one of `spans` answers it; several stand where the corpus says the same twice.
    """

    id: str
    question: str
    answerable: bool
    kind: str
    spans: tuple[Citation, ...]

    def answered_by(self, found: Iterable[Place]) -> bool:
        """Whether one of the places contains or overlaps an answer."""
        return any(place.overlaps(span.place) for place in found for span in self.spans)


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """One JSON object a line; empty lines are not allowed."""
    return [parsed(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_golden(path: Path) -> list[Question]:
    """The questions in the order of the file."""
    return [
        Question(**{**row, "spans": tuple(Citation(**span) for span in row["spans"])})
        for row in read_jsonl(path)
    ]


def folds(questions: list[Question], n: int) -> list[int]:
    """The fold of each question: every kind dealt out in turn, in the order of the file."""
    seen: dict[str, int] = {}
    dealt = []
    for question in questions:
        seen[question.kind] = seen.get(question.kind, -1) + 1
        dealt.append(seen[question.kind] % n)
    return dealt
