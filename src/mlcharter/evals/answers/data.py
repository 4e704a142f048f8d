"""The data of an eval of answers in a folder: `corpus/`, `questions.csv`, and what may be there.

data = Data(Path("data/rag"), read_files)
cases = [Case(question, system.answer(question.text)) for question in data.asked]
"""

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from mlcharter.evals import answers, digests, questions
from mlcharter.evals.answers import conversations
from mlcharter.evals.answers.conversations import Conversation
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report

LEARNED_FROM = "dev"  # the split of questions that decide no gate


class Data:
    """What is in a folder, each file read once.

    `read_pages` returns the pages of `corpus/` by name. Pages or questions that are not there yet
    are a NotImplementedError that says what to do; attacks may be left out.
    """

    def __init__(self, folder: Path, read_pages: Callable[[Path], dict[str, bytes]]) -> None:
        self.folder = folder
        self._read_pages = read_pages

    @cached_property
    def pages(self) -> dict[str, bytes]:
        """The bytes of each page, by name."""
        return self._read_pages(self.folder / "corpus")

    @cached_property
    def questions(self) -> list[Question]:
        """All questions, those to learn from too."""
        if not self.pages:
            raise NotImplementedError(f"put Markdown pages into {self.folder}/corpus")
        file = self.folder / "questions.csv"
        if not file.exists():
            raise NotImplementedError(f"write {file}; {self.folder}/README.md says how")
        return questions.read(file, self.pages)

    @property
    def dev(self) -> list[Question]:
        """The questions of split `dev`, which are there to learn from."""
        return questions.divide(self.questions, LEARNED_FROM)[0]

    @property
    def asked(self) -> list[Question]:
        """The questions that decide gates: all but those of split `dev`."""
        return questions.divide(self.questions, LEARNED_FROM)[1]

    def folds(self, n: int, *, seed: int) -> list[int]:
        """Return the fold, from 0 to `n` - 1, of each question of split `dev`.

        Questions that shared documents connect are in one fold, and answerable ones in each.
        """
        from sklearn.model_selection import StratifiedGroupKFold  # the team's own dependency

        kinds = [question.answerable for question in self.dev]
        groups, folds = questions.connect(self.dev), [0] * len(kinds)
        splitter = StratifiedGroupKFold(n, shuffle=True, random_state=seed)
        for fold, (_, inside) in enumerate(splitter.split(kinds, kinds, groups)):
            for row in inside:
                folds[row] = fold
        return folds

    @cached_property
    def attacks(self) -> list[dict[str, Any]]:
        """The objects of `attacks.jsonl`, none without the file."""
        path = self.folder / "attacks.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    @cached_property
    def conversations(self) -> list[Conversation]:
        """The conversations of `conversations.jsonl`, none without the file."""
        return conversations.read(self.folder / "conversations.jsonl", self.pages)

    @property
    def planted(self) -> dict[str, bytes]:
        """A page for each attack, by name, which holds its `passage`."""
        return {f"attack-{one['id']}.md": one["passage"].encode() for one in self.attacks}

    def add_to(self, report: Report, corpus: str, pages: int) -> None:
        """Add the datasets, and the counts of questions; `corpus` is the digest of the pages."""
        report.add_dataset("corpus", corpus, pages)
        rows = questions.digest(self.folder / "questions.csv")
        report.add_dataset("questions", rows, len(self.questions))
        if self.attacks:
            report.add_dataset("attacks", digests.rows(self.attacks), len(self.attacks))
        answers.add_questions(report, self.questions)
