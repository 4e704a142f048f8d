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
from collections.abc import Iterator, Mapping
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
    def cluster(self) -> str:
        """The document that answers it, or the question itself: the unit to resample."""
        return self.spans[0].document if self.spans else f"question: {self.text}"


def digest(path: str | os.PathLike[str]) -> str:
    """Return the digest of the rows of a file of questions, whatever its line ends and quotes."""
    return digests.rows(row for _, row in _rows(Path(path)))


def read(path: str | os.PathLike[str], documents: Mapping[str, bytes]) -> list[Question]:
    """Return the questions of a CSV file in UTF-8, in the order of their first rows.

    `documents` has the bytes of each document by name. Raises ValueError with file, line, question
    and document for a quotation that is not in its document exactly once, with the nearest text.
    """
    file = Path(path)
    found: dict[str, Question] = {}
    for line, row in _rows(file):
        text, document, quote = (row[name].strip() for name in REQUIRED)
        place = f"{file.name}:{line}: "
        if not text:
            raise ValueError(f"{place}the question is empty")
        place += f"question {text!r}: "
        answer = _locate(document, quote, documents, place)
        columns = {name: value for name, value in row.items() if name not in REQUIRED}
        known = found.get(text, Question(text, (), columns))
        if text in found and (answer is None or not known.answerable or answer in known.spans):
            raise ValueError(f"{place}it is there already; another row needs another quotation")
        places = known.spans if answer is None else (*known.spans, answer)
        found[text] = Question(text, places, known.columns)
    if not found:
        raise ValueError(f"{file.name} has no question")
    return list(found.values())


def _locate(document: str, quote: str, documents: Mapping[str, bytes], place: str) -> Span | None:
    if not document and not quote:
        return None
    if not document or not quote:
        missing = "document" if quote else "quote"
        raise ValueError(f"{place}no {missing}; give both, or neither if nothing answers it")
    if document not in documents:
        near = difflib.get_close_matches(document, documents, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"{place}there is no document {document!r}{hint}")
    try:
        return spans.locate(document, documents[document], quote)
    except spans.SpanError as error:
        raise ValueError(f"{place}{error}") from error


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with the line on which it ends."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file.name} is no UTF-8: {error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    names = list(reader.fieldnames or ())
    if missing := [name for name in REQUIRED if name not in names]:
        there = ", ".join(map(repr, names)) or "none"
        raise ValueError(
            f"{file.name} has no column {missing[0]!r}; its columns are {there}, "
            "and the first line names them, with commas between"
        )
    try:
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(
                    f"{file.name}:{reader.line_num}: the row does not have {len(names)} cells; "
                    'put a cell with a comma into "quotation marks"'
                )
            yield reader.line_num, row
    except csv.Error as error:
        after = f"after line {reader.line_num}"
        raise ValueError(f"{file.name}: {error} {after}; close every quotation mark") from error
