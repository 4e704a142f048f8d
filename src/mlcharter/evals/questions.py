"""Questions with the quotations that answer them, from a CSV file beside a corpus.

    question,document,quote
    What does a pass cost?,fees.md,A pass costs €12
    Who paints the gate?,,

Any quotation answers its question: give a question again, with another one, if the corpus says
something twice. A question without document and quotation is one that the corpus does not answer.
Further columns, such as `split`, are kept as they are. Byte spans and digests are computed.
"""

import csv
import difflib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlcharter.evals import digests, spans
from mlcharter.evals.spans import Span

REQUIRED = ("question", "document", "quote")


@dataclass(frozen=True)
class Question:
    """A question; `spans` are the places of its quotations, none if the corpus has no answer.

    `columns` has the further columns of the first row with this question.
    """

    text: str
    spans: tuple[Span, ...]
    columns: Mapping[str, str]

    @property
    def answerable(self) -> bool:
        return bool(self.spans)

    @property
    def kind(self) -> str:
        """`answerable`, or how far from the subject it is: what column `kind` says, or `near`."""
        return "answerable" if self.answerable else self.columns.get("kind") or "near"

    @property
    def cluster(self) -> str:
        """The document that answers it, or the question itself: the unit to resample."""
        return self.spans[0].document if self.spans else f"question: {self.text}"


def connect(questions: Sequence[Question]) -> list[str]:
    """Return a label for each question; two have the same if shared documents connect them.

    Give them as groups to a split into folds: else a document is learned from and tested on.
    """
    label: dict[str, str] = {}
    for question in questions:
        names = list(dict.fromkeys(span.document for span in question.spans)) or [question.cluster]
        merged = {label.setdefault(name, name) for name in names}
        label.update({name: min(merged) for name, old in label.items() if old in merged})
    return [label[question.cluster] for question in questions]


def divide(questions: Sequence[Question], split: str) -> tuple[list[Question], list[Question]]:
    """Return the questions whose column `split` says so, and the others.

    Raises ValueError if a document answers questions of both.
    """
    parts: tuple[list[Question], list[Question]] = [], []
    for question in questions:
        parts[question.columns.get("split") != split].append(question)
    documents = [{span.document for question in part for span in question.spans} for part in parts]
    if both := sorted(documents[0] & documents[1]):
        raise ValueError(
            f"{both[0]} answers questions of split {split!r} and others; a document has one split"
        )
    return parts


def digest(path: str | os.PathLike[str]) -> str:
    """Return the digest of the rows of a file of questions, whatever its line ends and quotes."""
    return digests.rows(row for _, row in _rows(Path(path).read_bytes(), Path(path).name))


def read(path: str | os.PathLike[str], documents: Mapping[str, bytes]) -> list[Question]:
    """Return the questions of a CSV file, as `parse` does."""
    return parse(Path(path).read_bytes(), documents, Path(path).name)


def parse(content: bytes, documents: Mapping[str, bytes], name: str) -> list[Question]:
    """Return the questions of a CSV file in UTF-8, in the order of their first rows.

    `documents` has the bytes of each document by name, and `name` is that of the file. Raises one
    ValueError with a line for each row that is wrong: file, line, question and document, and for a
    quotation that is not in its document exactly once the nearest text.
    """
    found: dict[str, Question] = {}
    wrong = []
    for line, row in _rows(content, name):
        try:
            _add(found, row, documents)
        except ValueError as error:
            wrong.append(f"{name}:{line}: {error}")
    if wrong:
        raise ValueError("\n".join(wrong))
    if not found:
        raise ValueError(f"{name} has no question")
    return list(found.values())


def _add(
    found: dict[str, Question], row: Mapping[str, str], documents: Mapping[str, bytes]
) -> None:
    text, document, quote = (row[name].strip() for name in REQUIRED)
    if not text:
        raise ValueError("the question is empty")
    try:
        answer = _locate(document, quote, documents)
    except ValueError as error:
        raise ValueError(f"question {text!r}: {error}") from error
    columns = {name: value for name, value in row.items() if name not in REQUIRED}
    known = found.get(text, Question(text, (), columns))
    if text in found and (answer is None or not known.answerable or answer in known.spans):
        reason = "it is there already; another row needs another quotation"
        raise ValueError(f"question {text!r}: {reason}")
    places = known.spans if answer is None else (*known.spans, answer)
    found[text] = Question(text, places, known.columns)


def _locate(document: str, quote: str, documents: Mapping[str, bytes]) -> Span | None:
    if not document and not quote:
        return None
    if not document or not quote:
        missing = "document" if quote else "quote"
        raise ValueError(f"no {missing}; give both, or neither if nothing answers it")
    if document not in documents:
        near = difflib.get_close_matches(document, documents, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"there is no document {document!r}{hint}")
    return spans.locate(document, documents[document], quote)


def _rows(content: bytes, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with the line on which it ends."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is no UTF-8: {error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    names = list(reader.fieldnames or ())
    if missing := [name for name in REQUIRED if name not in names]:
        there = ", ".join(map(repr, names)) or "none"
        raise ValueError(
            f"{file} has no column {missing[0]!r}; its columns are {there}, "
            "and the first line names them, with commas between"
        )
    try:
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(
                    f"{file}:{reader.line_num}: the row does not have {len(names)} cells; "
                    'put a cell with a comma into "quotation marks"'
                )
            yield reader.line_num, row
    except csv.Error as error:
        after = f"after line {reader.line_num}"
        raise ValueError(f"{file}: {error} {after}; close every quotation mark") from error
