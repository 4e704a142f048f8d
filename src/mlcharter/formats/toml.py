"""Read untrusted TOML, such as pyproject.toml."""

from typing import Any

_MAX_DOTS = 500  # in one line; tomllib takes quadratic time for a key with many dots


def read_tables(data: bytes | str) -> dict[str, Any]:
    """Return the tables of a TOML file; empty if it can't be read or has a line full of dots."""
    import tomllib

    try:
        text = data.decode() if isinstance(data, bytes) else data
        if any(line.count(".") > _MAX_DOTS for line in text.split("\n")):
            return {}
        return tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError):
        return {}
