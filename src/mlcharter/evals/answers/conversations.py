"""Conversations whose last turn is judged: one a line of `conversations.jsonl`.

    {"turns": ["What does a pass cost?", "And for a child?"], "document": "fees.md", "quote": "…"}

`turns` are what the user said. Without `document` and `quote`, the corpus does not answer the last.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlcharter.evals import digests, intervals, spans
from mlcharter.evals.answers import SEED, UNIT, Answer, Case
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report

DATASET = "conversations"
ALONE = "last-turn"  # the baseline: the last turn without what was said before


@dataclass(frozen=True)
class Conversation:
    """What the user said, first turn first; `question` is the last turn with what answers it."""

    turns: tuple[str, ...]
    question: Question


def read(path: str | os.PathLike[str], documents: Mapping[str, bytes]) -> list[Conversation]:
    """Return the conversations of a file, none if it is not there.

    Raises one ValueError with file and line for each line that is wrong.
    """
    lines = Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
    found, wrong = [], []
    for number, line in enumerate(lines, 1):
        try:
            found.append(_parse(json.loads(line), documents))
        except (TypeError, ValueError) as error:
            wrong.append(f"{path}:{number}: {error}")
    if wrong:
        raise ValueError("\n".join(wrong))
    return found


def _parse(row: object, documents: Mapping[str, bytes]) -> Conversation:
    fields = row if isinstance(row, dict) else {}
    turns, name, quote = (fields.get(key) for key in ("turns", "document", "quote"))
    texts = turns if isinstance(turns, list) else []
    if len(texts) < 2 or not all(isinstance(turn, str) and turn.strip() for turn in texts):
        raise ValueError("`turns` has two texts or more: what the user said, in that order")
    if bool(name) != bool(quote):
        raise ValueError("give `document` and `quote`, or neither if nothing answers the last turn")
    if name and name not in documents:
        raise ValueError(f"there is no document {name!r}")
    places = (spans.locate(name, documents[name], str(quote)),) if name else ()
    return Conversation(tuple(texts), Question(texts[-1], places, {}))


def add_conversations(
    report: Report,
    conversations: Sequence[Conversation],
    respond: Callable[[Sequence[str]], Answer],
) -> None:
    """Add whether the last turns are answered rightly, and what the turns before them change.

    `respond` gets all turns. `conversation-right`, by kind and for all, counts an unanswerable turn
    as right if the system abstains; against `last-turn` it is the difference to answers to the last
    turn alone. Nothing is added without conversations.
    """
    if not conversations:
        return
    _add_dataset(report, conversations)
    right = [_is_right(one.question, respond(one.turns)) for one in conversations]
    alone = [_is_right(one.question, respond(one.turns[-1:])) for one in conversations]
    kinds = ["answerable" if c.question.answerable else "unanswerable" for c in conversations]
    clusters = [
        c.question.cluster if c.question.answerable else f"conversation: {n}"
        for n, c in enumerate(conversations)
    ]
    for where in ("all", "answerable", "unanswerable"):
        inside = [n for n, kind in enumerate(kinds) if where in ("all", kind)]
        groups = [clusters[n] for n in inside]
        if len(set(groups)) > 1:
            share = intervals.clustered_share([right[n] for n in inside], groups, unit=UNIT)
            report.add("conversation-right", DATASET, share, slice=where)
            gain = [float(right[n]) - float(alone[n]) for n in inside]
            estimate = intervals.mean(gain, groups, unit=UNIT, seed=SEED)
            report.add("conversation-right", DATASET, estimate, slice=where, against=ALONE)


def _add_dataset(report: Report, conversations: Sequence[Conversation]) -> None:
    rows = [
        {
            "turns": json.dumps(one.turns),
            "answers": json.dumps([[span.document, span.sha256] for span in one.question.spans]),
        }
        for one in conversations
    ]
    report.add_dataset(DATASET, digests.rows(rows), len(rows))


def _is_right(question: Question, answer: Answer) -> bool:
    return Case(question, answer).right if question.answerable else answer.abstained
