"""A model's text is taken if it fits, repaired if that is safe, and dropped otherwise."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour_answers.rag.ingest import ingest
from harbour_answers.rag.parsing import ANSWER_SCHEMA, conforms, grounded, parse
from harbour_answers.rag.spans import cite

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["winner"],
    "additionalProperties": False,
    "properties": {"winner": {"enum": ["first", "second", "tie"]}},
}
HEADER = "---\nsource: tests\nrevised: 2026-01-31\nlicence: CC0-1.0\n---\n"
CORPUS = ingest({"fog.md": (HEADER + "Below 200 metres all movement stops.").encode()})
START = len(HEADER)
SPAN = vars(cite("fog.md", CORPUS.content("fog.md"), START, START + 36))


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ('{"winner": "tie"}', False),
        ('```json\n{"winner": "tie"}\n```', True),
        ('The verdict is {"winner": "tie",} as asked.', True),
    ],
)
def test_an_object_that_fits_is_taken(text: str, repaired: bool) -> None:
    parsed = parse(text, SCHEMA)
    assert parsed is not None
    assert (parsed.value, parsed.repaired) == ({"winner": "tie"}, repaired)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tie",
        '{"winner": "third"}',
        '{"winner": "tie", "score": 1}',
        '{"winner": "first", "winner": "tie"}',
        '{"winner": NaN}',
        '["tie"]',
        '{"winner": "tie"} {"winner": "first"}',
        "{" * 100_000,
        '{"a":' * 50_000,
        '{"winner": "tie"}' + " " * 100_000,
    ],
)
def test_everything_else_is_dropped(text: str) -> None:
    assert parse(text, SCHEMA) is None


@given(st.text())
def test_no_text_raises(text: str) -> None:
    for written in (text, "{" + text + "}", json.dumps({"winner": text})):
        parsed = parse(written, SCHEMA)
        assert parsed is None or conforms(parsed.value, SCHEMA)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_a_value_is_never_converted(value: Any) -> None:
    parsed = parse(json.dumps({"winner": value}), SCHEMA)
    assert (parsed is not None) == (value in ("first", "second", "tie"))


def written(answer: str, **changes: object) -> str:
    return json.dumps({"answer": answer, "citations": [{**SPAN, **changes}]})


def test_an_answer_that_its_citation_supports_passes() -> None:
    found = grounded(written("All movement stops below 200 metres."), CORPUS)
    assert found is not None
    assert found[1][0].start == START


@pytest.mark.parametrize(
    "text",
    [
        written("All movement stops below 500 metres."),
        written("Below 200 metres all movement never stops."),
        written("Below 200 metres all movement stops. Pilotage is free of charge."),
        written("Below 200 metres all movement stops.", sha256="0" * 64),
        written("Below 200 metres all movement stops.", end=START + 999),
        written("Below 200 metres all movement stops.", document="gone.md"),
        json.dumps({"answer": "Below 200 metres all movement stops.", "citations": []}),
        "I do not know.",
    ],
)
def test_an_answer_without_support_is_dropped(text: str) -> None:
    assert grounded(text, CORPUS) is None


def test_the_schema_asks_for_whole_citations() -> None:
    assert not conforms({"answer": "Yes.", "citations": [{"document": "fog.md"}]}, ANSWER_SCHEMA)
