"""TOML that nobody trusts: the tables of a file such as pyproject.toml."""

from typing import Any

_MOST_DOTS = 500  # in one line; the standard library takes the square of a dotted key's parts


def tables(data: bytes | str) -> dict[str, Any]:
    """The tables in a TOML file; empty where it can't be read, or has a line full of dots."""
    import tomllib

    try:
        text = data.decode() if isinstance(data, bytes) else data
        if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
            return {}
        return tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError):
        return {}
