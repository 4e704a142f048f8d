"""Questions are read with their spans, and each fault of the file is named by its place."""

from pathlib import Path

import pytest

from mlcharter.evals import questions, spans
from mlcharter.evals.questions import Question
from mlcharter.evals.spans import Span

DOCUMENTS = {
    "fees.md": "# Fees\n\nA pass costs\n€12 a year. Dogs are free.\n".encode(),
    "pets/dogs.md": b"# Dogs\n\nDogs travel free of charge.\n",
}


def read(folder: Path, text: str) -> list[questions.Question]:
    file = folder / "questions.csv"
    file.write_bytes(text.encode())
    return questions.read(file, DOCUMENTS)


def test_a_quotation_gets_its_bytes_and_further_columns_are_kept(tmp_path: Path) -> None:
    text = (
        'split,question,document,quote\ntest,"What, then, is the price?",fees.md,A pass costs €12\n'
    )

    assert read(tmp_path, text) == [
        questions.Question(
            "What, then, is the price?",
            (spans.cite("fees.md", DOCUMENTS["fees.md"], 8, 26),),
            {"split": "test"},
        )
    ]


def test_any_of_several_quotations_answers_and_none_means_unanswerable(tmp_path: Path) -> None:
    text = (
        "question,document,quote\n"
        "Do dogs pay?,fees.md,Dogs are free\n"
        "Who is the mayor?,,\n"
        "Do dogs pay?,pets/dogs.md,Dogs travel free\n"
    )

    dogs, mayor = read(tmp_path, text)

    assert [span.document for span in dogs.spans] == ["fees.md", "pets/dogs.md"]
    assert (mayor.answerable, mayor.cluster) == (False, "question: Who is the mayor?")
    assert (dogs.answerable, dogs.cluster) == (True, "fees.md")


HEAD = "question,document,quote\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            HEAD + "Price?,fees.md,A pass costs 12 a year\n",
            "questions.csv:2: question 'Price?': fees.md does not have the text 'A pass costs 12 a "
            "year'; the nearest is 'A pass costs €12 a year.'",
        ),
        (
            HEAD + "Price?,fee.md,A pass\n",
            "questions.csv:2: question 'Price?': there is no document 'fee.md'; did you mean "
            "fees.md?",
        ),
        (HEAD + "Price?,fees.md,\n", "questions.csv:2: question 'Price?': no quote; give both, or"),
        (HEAD + "Price?,,A pass\n", "questions.csv:2: question 'Price?': no document; give both"),
        (HEAD + " ,fees.md,A pass\n", "questions.csv:2: the question is empty"),
        (
            HEAD + "A?,,\n\nA?,,\n",
            "questions.csv:4: question 'A?': it is there already; another row needs another quot",
        ),
        (HEAD + "A?,fees.md,€12, a year\n", "questions.csv:2: the row does not have 3 cells"),
        (
            HEAD + 'A?,fees.md,"€12\n',
            "questions.csv: unexpected end of data after line 1; close every",
        ),
        (
            "question;document;quote\n",
            "questions.csv has no column 'question'; its columns are 'question;document;quote', "
            "and the first line names them, with commas between",
        ),
        ("", "questions.csv has no column 'question'; its columns are none"),
        (HEAD, "questions.csv has no question"),
    ],
)
def test_a_fault_is_named_by_its_place(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ValueError) as refused:
        read(tmp_path, text)
    assert str(refused.value).startswith(why)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "questions.csv").write_bytes(b"\xff\xfeq")
    with pytest.raises(ValueError, match=r"questions\.csv is no UTF-8"):
        questions.read(tmp_path / "questions.csv", DOCUMENTS)


@pytest.mark.parametrize(
    "text", ["\ufeff" + HEAD + "A?,,\n", HEAD.replace("\n", "\r\n") + '"A?",,\r\n']
)
def test_marks_line_ends_and_quotes_do_not_change_the_digest(tmp_path: Path, text: str) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_bytes((HEAD + "A?,,\n").encode())
    other.write_bytes(text.encode())

    assert questions.digest(one) == questions.digest(other)
    assert questions.read(other, {}) == questions.read(one, {})


def asked(text: str, *documents: str, split: str = "") -> Question:
    return Question(text, tuple(Span(name, 0, 1, "") for name in documents), {"split": split})


def test_questions_that_share_a_document_or_a_neighbour_do_have_one_label() -> None:
    found = questions.connect(
        [
            *(asked("1?", "a.md"), asked("2?", "c.md", "b.md"), asked("3?", "d.md")),
            *(asked("4?", "b.md", "a.md"), asked("5?"), asked("6?"), asked("7?", "c.md")),
        ]
    )
    assert found == ["a.md", "a.md", "d.md", "a.md", "question: 5?", "question: 6?", "a.md"]


def test_a_split_takes_its_questions_and_no_document_is_on_both_sides() -> None:
    some = [asked("1?", "a.md", split="dev"), asked("2?", "b.md"), asked("3?", split="dev")]
    assert questions.divide(some, "dev") == ([some[0], some[2]], [some[1]])

    with pytest.raises(ValueError, match=r"a\.md answers questions of split 'dev' and others"):
        questions.divide([*some, asked("4?", "b.md", "a.md")], "dev")
