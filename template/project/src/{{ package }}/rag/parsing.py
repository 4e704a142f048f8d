"""What a model wrote, taken only if it fits its schema."""

import json
from typing import Any

import jsonschema

MAX_CHARS = 100_000


def parse(text: str, schema: dict[str, Any]) -> dict[str, Any] | None:
    """Return the one JSON object in `text` if it fits, or None.

    A code fence and words around it are left out; nothing is added, renamed or converted.
    """
    if len(text) > MAX_CHARS:
        return None
    try:
        value = json.loads(text[text.find("{") : text.rfind("}") + 1], object_pairs_hook=unique)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and conforms(value, schema) else None


def conforms(value: object, schema: dict[str, Any]) -> bool:
    """Return whether a JSON value fits a JSON Schema."""
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; a ValueError refuses one with a key twice."""
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)
