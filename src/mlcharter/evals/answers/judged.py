"""Compare what a model writes with what the system quotes, by the verdicts of another model.

    judged.add_verdicts(report, data, quotes, cases, Endpoint.from_environment)

With `RECORD=1` and `JUDGE_MODEL` in the environment, the judge is asked what it has not decided
yet. The folder `judge` of the data then has `verdicts.jsonl`, `prompt.md`, `anchors.csv` (pairs
whose winner is known), and for people `pairs.csv` with the texts, and `labels.csv` with the header
`pair,person,winner`. Without verdicts of a model nothing is measured, and without labels no
agreement.
"""

import csv
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from mlcharter.evals import digests
from mlcharter.evals.answers import Case, contradictions, quoted
from mlcharter.evals.answers.data import Data
from mlcharter.evals.generation import Generator, MissingExchangeError, judging
from mlcharter.evals.generation.budget import Budget, Metered
from mlcharter.evals.generation.judging import Judge, Pair, Verdict
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report

JUDGE = "judge"
DATASET = "pairs"
ANCHORS = 30  # a judge that misses none of 30 is right in 88 % or more
_COLUMNS = ("pair", "question", "a", "b")


def pair_answers(before: Iterable[Case], after: Iterable[Case]) -> dict[Pair, str | None]:
    """Return the pairs of different answers to one question, each with its slice.

    `a` is the answer before. Questions on which one of the two abstains are left out; the slice is
    the column `slice` of a question.
    """
    found: dict[Pair, str | None] = {}
    for one, other in zip(before, after, strict=True):
        a, b = (" ".join(case.answer.sentences) for case in (one, other))
        if a and b and a != b:
            found[make_pair(one.question.text, a, b)] = one.question.columns.get("slice") or None
    return found


def make_pair(question: str, a: str, b: str) -> Pair:
    """Return a pair whose id is a digest, so that other texts need verdicts and labels again."""
    return Pair(
        f"p-{sha256(json.dumps([question, a, b]).encode()).hexdigest()[:16]}", question, a, b
    )


def make_anchors(
    asked: Iterable[Question], documents: Mapping[str, bytes], *, most: int = ANCHORS
) -> dict[Pair, str]:
    """Return pairs of a quotation that answers and its contradiction, each with its winner.

    The quotation is `a` in one half of the pairs, and `b` in the other.
    """
    found: dict[Pair, str] = {}
    for question in asked:
        claims = (
            (quote, claim.text)
            for quote in quoted(question.spans, documents)
            for claim in contradictions.contradict(quote)
            if claim.kind in contradictions.CONTRADICTIONS
        )
        right, wrong = next(claims, ("", ""))
        if right and len(found) < most:
            winner = "ab"[len(found) % 2]
            texts = (right, wrong) if winner == "a" else (wrong, right)
            found[make_pair(question.text, *texts)] = winner
    return found


@dataclass(frozen=True)
class Folder:
    """The files of a judge."""

    path: Path

    @property
    def verdicts(self) -> Path:
        return self.path / "verdicts.jsonl"

    @property
    def prompt(self) -> str:
        file = self.path / "prompt.md"
        return file.read_text(encoding="utf-8") if file.exists() else judging.PROMPT

    @property
    def labels(self) -> dict[str, str]:
        file = self.path / "labels.csv"
        return judging.read_labels(file) if file.exists() else {}

    @property
    def anchors(self) -> dict[Pair, str]:
        """The pairs of `anchors.csv`; ValueError with file and line for another winner."""
        file = self.path / "anchors.csv"
        if not file.exists():
            return {}
        found = {}
        with file.open(encoding="utf-8", newline="") as stream:
            for line, row in enumerate(csv.DictReader(stream), 2):
                if row.get("winner") not in judging.LABELS or not all(map(row.get, _COLUMNS)):
                    raise ValueError(f"{file}:{line}: a row has {', '.join(_COLUMNS)} and winner")
                found[Pair(*(row[name] for name in _COLUMNS))] = row["winner"]
        return found

    def prepare(self, pairs: Iterable[Pair], anchors: Mapping[Pair, str]) -> None:
        """Write what is not there yet, and the pairs for people to read."""
        self.path.mkdir(parents=True, exist_ok=True)
        _write_rows(self.path / "pairs.csv", _COLUMNS, map(_row, pairs))
        if not (self.path / "anchors.csv").exists():
            rows = [{**_row(pair), "winner": winner} for pair, winner in anchors.items()]
            _write_rows(self.path / "anchors.csv", (*_COLUMNS, "winner"), rows)
        if not (self.path / "labels.csv").exists():
            _write_rows(self.path / "labels.csv", ("pair", "person", "winner"), ())
        if not (self.path / "prompt.md").exists():
            text = judging.PROMPT
            (self.path / "prompt.md").write_text(text, encoding="utf-8", newline="\n")


def add_verdicts(
    report: Report,
    data: Data,
    before: Sequence[Case],
    after: Sequence[Case],
    find_model: Callable[[], Generator | None],
    *,
    prices: Mapping[str, float] | None = None,
    seconds: float = 3600,
    cost: float = math.inf,
) -> None:
    """Add what a judge says of answers, and how far people and anchors agree with it.

    The judge compares answers of two systems to the same questions, those `before` and `after` a
    change; a recording may take `seconds` and `cost`. Results are those of `judging.add_judge` on
    the dataset `pairs`; what is not measured is printed. Raises MissingExchangeError if a pair has
    no verdict of this judge, because an answer, the prompt or the model has changed.
    """
    folder, pairs = Folder(data.folder / "judge"), pair_answers(before, after)
    if len(pairs) > 1 and os.environ.get("RECORD") == "1":
        anchors = make_anchors([case.question for case in after], data.pages)
        _record(folder, pairs, anchors, find_model, prices, Budget(seconds, cost))
    known = judging.read_verdicts(folder.verdicts)
    if len(pairs) < 2 or not known or any(one.origin == "scripted" for one in known):
        print(f"{JUDGE} is not measured: {_explain(pairs, known)}")
        return
    judge = Judge(JUDGE, _Recorded(known[-1].model), folder.prompt)
    verdicts = judge.compare([*pairs, *folder.anchors], known)
    rows = [_row(pair) for pair in pairs]
    report.add_dataset(DATASET, digests.rows(rows), len(rows))
    judging.add_judge(
        report,
        JUDGE,
        verdicts,
        anchors={pair.id: winner for pair, winner in folder.anchors.items()},
        labels=folder.labels,
        before=[one for one in known if one.judge != judge.version],
        slices={pair.id: where for pair, where in pairs.items() if where},
        prices=prices,
    )


def _explain(pairs: Mapping[Pair, object], known: Sequence[Verdict]) -> str:
    if len(pairs) < 2:
        return "no model wrote two answers that are not the quotations"
    if known:
        return "verdicts are scripted"
    return "no verdict is recorded; run `make record` with LLM_BASE_URL and JUDGE_MODEL set"


def _record(
    folder: Folder,
    pairs: Iterable[Pair],
    anchors: Mapping[Pair, str],
    find_model: Callable[[], Generator | None],
    prices: Mapping[str, float] | None,
    budget: Budget,
) -> None:
    """Ask the judge for the verdicts that are missing; those that it gave are kept if it fails."""
    model, name = find_model(), os.environ.get("JUDGE_MODEL")
    if model is None or not name:
        return
    if name == model.model:
        raise ValueError("JUDGE_MODEL is the model that it judges, and a model prefers its own")
    folder.prepare(pairs, anchors)
    metered = Metered(_Named(model, name), budget, prices=prices)
    judge = Judge(JUDGE, metered, folder.prompt)
    known = judging.read_verdicts(folder.verdicts)
    versions = list(dict.fromkeys(one.judge for one in known if one.judge != judge.version))
    before = [one for one in known if one.judge in versions[-1:]]
    verdicts: list[Verdict] = []
    try:
        for pair in [*pairs, *folder.anchors]:
            verdicts += judge.compare([pair], known)
    finally:
        judging.write_verdicts(folder.verdicts, [*before, *verdicts])
        print(f"{JUDGE}: {len(verdicts)} verdicts are in {folder.verdicts}; spent: {metered.spent}")


@dataclass(frozen=True)
class _Named:
    """A generator that is asked for another model."""

    generator: Generator
    model: str

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.generator.complete(body)


@dataclass(frozen=True)
class _Recorded:
    """The model of recorded verdicts, which cannot be asked."""

    model: str

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        raise MissingExchangeError(
            f"a pair has no verdict of {self.model}: an answer, the prompt or the model has "
            "changed; run `make record` with LLM_BASE_URL, LLM_MODEL and JUDGE_MODEL set"
        )


def _row(pair: Pair) -> dict[str, str]:
    return dict(zip(_COLUMNS, (pair.id, pair.question, pair.a, pair.b), strict=True))


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
