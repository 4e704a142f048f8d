"""The shipped data is what it says it is."""

import hashlib
import json
from pathlib import Path

from harbour_answers.rag.citations import resolve
from harbour_answers.rag.golden import read_golden, read_jsonl
from harbour_answers.rag.ingest import read_corpus

DATA = Path("data/rag")
CORPUS = read_corpus(DATA / "corpus")
GOLDEN = read_golden(DATA / "golden.jsonl")


def test_every_span_is_byte_exact_and_a_whole_piece_of_text() -> None:
    for question in GOLDEN:
        for span in question.spans:
            data = (DATA / "corpus" / span.document).read_bytes()[span.start : span.end]
            assert hashlib.sha256(data).hexdigest() == span.sha256
            assert resolve(CORPUS, span) == data.decode().strip()


def test_the_golden_set_has_enough_of_each_kind_and_no_question_twice() -> None:
    kinds = [question.kind for question in GOLDEN]
    assert (kinds.count("answerable"), kinds.count("near"), kinds.count("far")) == (146, 36, 24)
    assert len({question.id for question in GOLDEN}) == len(GOLDEN)
    assert len({question.question for question in GOLDEN}) == len(GOLDEN)
    for question in GOLDEN:
        assert question.answerable == (question.kind == "answerable") == bool(question.spans)


def test_every_shipped_document_has_its_provenance() -> None:
    assert len(CORPUS.documents) == 92
    assert CORPUS.refused == {}
    assert {document.provenance.licence for document in CORPUS.documents.values()} == {"CC0-1.0"}


def test_the_triples_point_at_the_corpus() -> None:
    for triple in read_jsonl(DATA / "faithfulness_triples.jsonl"):
        span = triple["span"]
        data = CORPUS.documents[span["document"]].data[span["start"] : span["end"]]
        assert hashlib.sha256(data).hexdigest() == span["sha256"]
        assert (triple["claim"] == data.decode()) == (triple["kind"] == "verbatim")


def test_the_tool_that_fetches_has_hosts_and_the_one_that_acts_needs_approval() -> None:
    rules = {rule["name"]: rule for rule in json.loads((DATA / "tools.json").read_text("utf-8"))}
    assert rules["fetch_tide_table"]["hosts"] == ["tides.hallorn.example"]
    assert rules["send_notice"]["approval"] is True
