"""A folder with Markdown pages; `--questions` names a CSV file with `question,document,quote`.

`document` is the path of a page in that folder, and `quote` a text of it that answers the question;
both are empty if no page does. The costs of a wrong answer and of silence give the confidence from
which the system answers, and a gate: to answer must cost less than never to answer.
"""

import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from mlcharter.formats.report import Report
from mlcharter.markdown.document import PLACEHOLDER
from mlcharter.starter import answer_proposals, documents
from mlcharter.starter.answer_proposals import ATTACKS, CARD, CORPUS, LICENCE, QUESTIONS
from mlcharter.starter.tracks import Ask, Edit, Own
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Unreadable

EXAMPLE = "mlcharter starter replace FOLDER --questions FILE"
_COST = click.FloatRange(0, min_open=True)
OPTIONS = [
    click.Option(
        ["--questions"],
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="The questions, and the quotations that answer them.",
    ),
    click.Option(["--cost-wrong-answer"], type=_COST, help="What it costs, in any unit."),
    click.Option(["--cost-silence"], type=_COST, help="What it costs to withhold a right answer."),
]
_COSTS = re.compile(r"^COSTS = \{.*$", re.MULTILINE)
_TEXT = f"""\
# Data card: pages and questions

Owner: {{owner}}

Reviewed:

The pages that answers quote, and the questions that the system is evaluated on.

## Origin
<!-- section: pages-origin -->

| Field | Value |
|---|---|
| pages | `corpus` in the evaluation pack, `{CORPUS}`: {{pages}} files |
| questions | `questions`, `{QUESTIONS}`: {{answerable}} with a quotation, {{others}} without |
| attacks | `user-attacks`, which mlcharter generates: what users try |
| licence or contract, and a link to its text | {{licence}} |

{PLACEHOLDER}

## What is in it
<!-- section: pages-content -->

{PLACEHOLDER}

## Labels
<!-- section: pages-labels -->

Each answerable question has one quotation or more, with its page.

{PLACEHOLDER}

## Use
<!-- section: pages-use -->

{PLACEHOLDER}

## Keeping
<!-- section: pages-keeping -->

A changed page changes the digest of the corpus, and the gates fail until it is pinned again.

{PLACEHOLDER}
"""


@dataclass(frozen=True)
class Costs:
    """What a wrong answer costs, and what it costs to withhold a right one."""

    wrong: float
    silence: float


@dataclass(frozen=True)
class Pages(Own):
    """Pages by name, and questions; `answerable` of these have a quotation, and `others` none."""

    pages: Mapping[str, bytes] = field(repr=False)
    questions: bytes = field(repr=False)
    answerable: int
    others: int
    licence: str | None
    costs: Costs | None = None
    track = "rag"
    keeps = ("src/*/serving/backends/rag.py",)
    served = "the service answers from your pages: `make release` pins what `make eval` measured"

    def render(self) -> list[str]:
        total = self.answerable + self.others
        lines = [f"{len(self.pages)} pages, {total} questions, {self.others} without an answer"]
        lines.append(
            "`golden` in docs/eval_pack.md names one annotator, and trusts the questions for a "
            "year; correct both"
        )
        if not self.others:
            lines.append(
                "abstention is not measured: add questions that no page answers, without document "
                "and quote"
            )
        if self.costs is None:
            lines.append(
                "no gate is proposed on when to answer: state --cost-wrong-answer and "
                "--cost-silence"
            )
        return lines

    def list_data(self) -> dict[str, bytes]:
        pages = {f"{CORPUS}/{name}": content for name, content in self.pages.items()}
        return {**pages, QUESTIONS: self.questions}

    def write_pages(self, answers: Mapping[str, object]) -> dict[str, bytes]:
        text = _TEXT.format(
            owner=answers["owner"],
            pages=len(self.pages),
            answerable=self.answerable,
            others=self.others,
            licence=self.licence or "not written yet",
        )
        return {CARD: text.encode()}

    def list_edits(self, answers: Mapping[str, object]) -> dict[str, Sequence[Edit]]:
        return {
            documents.LICENCES: [
                documents.add_licence("corpus", CORPUS, self.licence),
                documents.add_licence("questions", QUESTIONS, self.licence),
                documents.add_licence("user-attacks", ATTACKS, LICENCE),
            ],
            documents.SAFETY: [
                documents.add_personal_data("corpus", answers),
                documents.add_personal_data("questions", answers),
                documents.add_personal_data("user-attacks", {"personal_data": "none"}),
            ],
            f"src/{answers['package']}/rag/system.py": [self._set_costs],
        }

    def propose(self, report: Report) -> dict[str, str]:
        return answer_proposals.propose(report, self.licence, with_costs=self.costs is not None)

    def ask_costs(self, ask: Ask) -> "Pages":
        if self.costs is not None:
            return self
        wrong = ask("Cost of a wrong answer, in any unit")
        silence = wrong and ask("Cost of withholding a right answer")
        return replace(self, costs=Costs(wrong, silence)) if silence else self

    def _set_costs(self, text: str) -> str:
        if self.costs is None:
            return text
        line = f'COSTS = {{"wrong": {self.costs.wrong:g}, "silence": {self.costs.silence:g}}}'
        return _COSTS.sub(line, text, count=1)


def read(data: Path, options: Mapping[str, Any]) -> Pages:
    """Return the pages of a folder and the questions of a CSV file."""
    from mlcharter.evals import questions

    file: Path | None = options["questions"]
    if file is None or not data.is_dir():
        raise UserError(
            "the pages are a folder, and the questions a CSV file", hint=f"as in `{EXAMPLE}`"
        )
    pages = _read_pages(data)
    content = Folder(file.absolute().parent).read(file.name)
    if isinstance(content, Unreadable):
        raise UserError(f"{file} {content.message}", hint="give a CSV file in UTF-8")
    try:
        found = questions.parse(content, pages, file.name)
    except ValueError as error:
        wrong = str(error)
        rows = wrong.count("\n") + 1
        raise UserError(
            f"{rows} row{'s' * (rows > 1)} of {file} must be corrected first", hint=wrong
        ) from error
    answerable = sum(question.answerable for question in found)
    return Pages(
        pages,
        content,
        answerable,
        len(found) - answerable,
        options["licence"],
        _read_costs(options["cost_wrong_answer"], options["cost_silence"]),
    )


def _read_costs(wrong: float | None, silence: float | None) -> Costs | None:
    if wrong is None and silence is None:
        return None
    if wrong is None or silence is None:
        raise UserError(
            "one cost alone does not say when to answer",
            hint="give both --cost-wrong-answer and --cost-silence",
        )
    return Costs(wrong, silence)


def _read_pages(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every Markdown file in and below a folder, by its path from there."""
    tree = Folder(folder)
    pages: dict[str, bytes] = {}
    wrong = []
    for name in sorted(_list_pages(tree, "")):
        content = tree.read(name)
        if isinstance(content, Unreadable):
            wrong.append(f"{name} {content.message}")
        elif not _is_text(content):
            wrong.append(f"{name} is not UTF-8")
        else:
            pages[name] = content
    if wrong:
        raise UserError(f"some pages of {folder} cannot be taken", hint="\n".join(wrong))
    if not pages:
        raise UserError(
            f"{folder} has no Markdown page", hint="convert your pages to files `*.md`, in UTF-8"
        )
    return pages


def _list_pages(tree: Folder, folder: str) -> Iterator[str]:
    for name, kind in tree.list_folder(folder):
        path = f"{folder}/{name}" if folder else name
        if kind == stat.S_IFDIR and not name.startswith("."):
            yield from _list_pages(tree, path)
        elif kind != stat.S_IFDIR and name.endswith(".md"):
            yield path


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
