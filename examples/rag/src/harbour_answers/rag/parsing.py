"""What a model wrote, taken only if it fits its schema; otherwise the system abstains.

The shipped answerer quotes and needs no model. This is the door for one that writes:
`grounded` lets an answer pass only with citations that resolve and support it.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import jsonschema

from .ingest import Corpus
from .spans import Span, SpanError, resolve
from .support import supported
from .text import sentences

MAX_CHARS = 100_000
ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["answer", "citations"],
    "additionalProperties": False,
    "properties": {
        "answer": {"type": "string", "minLength": 1},
        "citations": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["document", "start", "end", "sha256"],
                "additionalProperties": False,
                "properties": {
                    "document": {"type": "string"},
                    "start": {"type": "integer", "minimum": 0},
                    "end": {"type": "integer", "minimum": 1},
                    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                },
            },
        },
    },
}


@dataclass(frozen=True)
class Parsed:
    """An object that fits its schema; `repaired` when the text round it had to be removed."""

    value: dict[str, Any]
    repaired: bool


def parse(text: str, schema: dict[str, Any]) -> Parsed | None:
    """The JSON object in `text`, or None: the caller abstains.

    Repair removes a code fence, words around the object and commas before a closing bracket.
    It never adds, renames or converts anything.
    """
    if len(text) > MAX_CHARS:
        return None
    for candidate, repaired in ((text, False), *((c, True) for c in _repairs(text))):
        value = _object(candidate)
        if value is not None and conforms(value, schema):
            return Parsed(value, repaired)
    return None


def conforms(value: object, schema: dict[str, Any]) -> bool:
    """Whether a JSON value fits a JSON Schema."""
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


def grounded(text: str, corpus: Corpus) -> tuple[str, list[Span]] | None:
    """A model's answer with its citations, or None unless every sentence is supported by one."""
    parsed = parse(text, ANSWER_SCHEMA)
    if parsed is None:
        return None
    citations = [Span(**citation) for citation in parsed.value["citations"]]
    answer: str = parsed.value["answer"]
    try:
        quoted = [resolve(span, corpus.content(span.document)) for span in citations]
    except SpanError:
        return None
    claims = [answer[start:end] for start, end in sentences(answer)]
    if claims and all(any(supported(claim, quote) for quote in quoted) for claim in claims):
        return answer, citations
    return None


def _object(text: str) -> dict[str, Any] | None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _repairs(text: str) -> list[str]:
    first, last = text.find("{"), text.rfind("}")
    if first < 0 or last < first:
        return []
    inner = text[first : last + 1]
    return [inner, re.sub(r",(?=\s*[}\]])", "", inner)]
