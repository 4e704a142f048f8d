"""What a model wrote, taken only if it fits its schema; otherwise the system abstains.

The shipped answerer quotes, and needs no model. For one that writes, give `parse` the schema of its
output, take sources as short ids of passages, and let no sentence pass that you cannot check:
`support.py` is too weak for free text.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import jsonschema

MAX_CHARS = 100_000


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
