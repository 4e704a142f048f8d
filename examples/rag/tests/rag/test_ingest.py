"""Pages are read with or without provenance."""

import hashlib
from dataclasses import asdict

import pytest

from harbour_answers.rag.ingest import ingest
from harbour_answers.rag.retrieval import Index

HEADER = "---\nsource: tests\nrevised: 2026-01-31\nlicence: CC0-1.0\n---\n"


def test_provenance_names_the_bytes_that_were_read() -> None:
    data = (HEADER + "# Tide\n\nØre is small.\n").encode()
    [document] = ingest({"tide.md": data}).documents.values()
    assert asdict(document.provenance) == {
        "document": "tide.md",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "source": "tests",
        "revised": "2026-01-31",
        "licence": "CC0-1.0",
        "instructions": 0,
    }


@pytest.mark.parametrize(
    "data",
    [
        b"# Tide\n",
        b"---\nrevised: 2026-01-31\n---\n# Tide\n",
        HEADER.replace("tests", " ").encode(),
        HEADER.replace("01-31", "02-31").encode(),
    ],
)
def test_a_page_without_whole_provenance_is_taken_and_says_so(data: bytes) -> None:
    [document] = ingest({"tide.md": data}).documents.values()
    assert not document.provenance.complete


def test_a_file_that_is_not_text_is_refused_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    corpus = ingest({"tide.md": b"\xff\xfe"})
    assert (corpus.documents, corpus.refused) == ({}, {"tide.md": "not UTF-8 at byte 0"})
    assert "tide.md is not indexed" in caplog.text


@pytest.mark.parametrize(
    ("header", "readers"),
    [
        ("readers: staff", {"staff"}),
        ("Readers : staff, port control", {"staff", "port control"}),
        ("readers:", set()),  # nobody
        ("readers: ,", set()),
        ("source: tests", None),  # everybody
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_header_names_the_groups_that_may_read_a_page(
    header: str, readers: set[str] | None, end: str, mark: str
) -> None:
    page = f"{mark}---\n{header}\n---\n# Pay\n".replace("\n", end)
    [document] = ingest({"pay.md": page.encode()}).documents.values()
    assert document.readers == readers
    assert document.text[document.body :].strip() == "# Pay"


@pytest.mark.parametrize("page", ["---\nreaders: staff\n# Pay\n", "\nREADERS: staff\n# Pay\n"])
def test_a_page_that_names_readers_outside_of_a_header_is_refused(page: str) -> None:
    corpus = ingest({"pay.md": page.encode()})
    assert corpus.documents == {}
    assert corpus.refused["pay.md"].startswith("it names readers, but has no header")


def test_a_caller_sees_public_pages_and_those_of_his_groups() -> None:
    header = "---\nreaders: {}\n---\n# Page\n\nIt is read.\n"
    files = {f"{who}.md": header.format(who).encode() for who in ("staff", "board", "")}
    corpus = ingest({**files, "public.md": b"# Page\n\nIt is read.\n"})
    index = Index(corpus)

    def read(caller: frozenset[str]) -> set[str]:
        return {index.chunks[i].place.document for i in index.readable(caller)}

    assert read(frozenset()) == {"public.md"}
    assert read(frozenset(["staff"])) == {"staff.md", "public.md"}
    assert read(corpus.groups) == {"staff.md", "board.md", "public.md"}
