"""A model's text is taken if it fits, without what is around it, and dropped otherwise."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system.rag.parsing import conforms, parse

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["winner"],
    "additionalProperties": False,
    "properties": {"winner": {"enum": ["first", "second", "tie"]}},
}


@pytest.mark.parametrize(
    "text",
    [
        '{"winner": "tie"}',
        '```json\n{"winner": "tie"}\n```',
        'The verdict is {"winner": "tie"} as asked.',
    ],
)
def test_an_object_that_fits_is_taken(text: str) -> None:
    assert parse(text, SCHEMA) == {"winner": "tie"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tie",
        '{"winner": "third"}',
        '{"winner": "tie", "score": 1}',
        '{"winner": "first", "winner": "tie"}',
        '{"winner": NaN}',
        '{"winner": "tie",}',
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
        assert parsed is None or conforms(parsed, SCHEMA)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_a_value_is_never_converted(value: Any) -> None:
    parsed = parse(json.dumps({"winner": value}), SCHEMA)
    assert (parsed is not None) == (value in ("first", "second", "tie"))
