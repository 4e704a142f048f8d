"""JSON in which no object has a key twice, since readers use different values of it."""

import json
from typing import Any


def loads(content: str | bytes) -> Any:
    """Return the parsed JSON; raise ValueError for a duplicate key, and RecursionError for depth.

    NaN and infinities are accepted, though JSON has none: Python writes them.
    """
    return json.loads(content, object_pairs_hook=_build_object)


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("duplicate key in an object")
    return content
