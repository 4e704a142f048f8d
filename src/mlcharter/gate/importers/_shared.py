"""What several formats need: cases from JSON of unknown shape."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlcharter.gate.tables import normalise


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON list; nothing for another value."""
    yield from (part for part in value if isinstance(part, dict)) if isinstance(value, list) else ()


def mapping(value: Any) -> dict[str, Any]:
    """Return a JSON object; an empty one for another value."""
    return value if isinstance(value, dict) else {}


def scalars(value: Any) -> dict[str, Any]:
    """Return the texts, numbers and booleans of a JSON object, by which slices may be cut."""
    pairs = mapping(value).items()
    return {key: part for key, part in pairs if isinstance(part, str | int | float | bool)}


def name_case(name: object, content: object) -> str:
    """Return an id of a case that changes with its content: `first-ferry-1a2b3c4d`."""
    text = json.dumps(content, sort_keys=True, default=str)
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def join(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return all columns of a case; of two with one name, the first counts."""
    columns: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            columns.setdefault(normalise(key), value)
    return columns
