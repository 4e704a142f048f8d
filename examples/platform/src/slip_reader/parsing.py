"""JSON that this process did not write, read within limits."""

import json
from collections.abc import Iterable
from typing import Any

MAX_BYTES = 256 * 1024 * 1024
MAX_DEPTH = 64


def parsed(data: str | bytes) -> Any:
    """The value of a JSON text.

    A ValueError refuses what is no JSON, what is longer than MAX_BYTES and what is nested more
    deeply than MAX_DEPTH, which would exhaust the stack of whoever walks through it.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"the JSON is longer than {MAX_BYTES} bytes")
    try:
        value = json.loads(data)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise ValueError(f"the JSON is nested more deeply than {MAX_DEPTH} levels")


def _inside(value: Any) -> Iterable[Any]:
    """What an object or a list contains."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
