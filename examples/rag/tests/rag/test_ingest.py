"""Pages are read with or without provenance."""

import hashlib

import pytest

from harbour_answers.rag.ingest import ingest

HEADER = "---\nsource: tests\nrevised: 2026-01-31\nlicence: CC0-1.0\n---\n"


def test_provenance_names_the_bytes_that_were_read() -> None:
    data = (HEADER + "# Tide\n\nØre is small.\n").encode()
    assert ingest({"tide.md": data}).provenance() == [
        {
            "document": "tide.md",
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "source": "tests",
            "revised": "2026-01-31",
            "licence": "CC0-1.0",
            "instructions": 0,
        }
    ]


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
