"""SHA-256 digests of values, tables and files, the same on every machine.

What counts is what a table says and not how it is stored: a category is its text, a whole number
is the same as an integer or a float, and whatever pandas calls missing (None, NaN, NA, NaT) is
missing. The names of columns count, their order does not. Text is compared by code point, so two
Unicode spellings of one letter differ.
"""

import datetime
import decimal
import hashlib
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

SNIFFED = 8000  # Git takes a file for text if these first bytes have no NUL
_PIECE = 1 << 20


def canonical(value: Any) -> bytes:
    """Return `value` as canonical JSON: sorted keys, no spaces, shortest floats, UTF-8.

    Takes what JSON takes; NaN and infinities are a ValueError.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def sha256(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of `value`, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def frame(table: Any, *, ordered: bool = True) -> str:
    """Return the digest of a pandas DataFrame of any column types; its index does not count.

    With `ordered=False` the order of rows does not count either. Raises ValueError for two columns
    of one name, and for a value that has no canonical form, with its column and row.
    """
    names = list(table.columns)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"two columns are named {twice!r}; rename one of them")
    columns = [table[name].astype(object).tolist() for name in names]
    return _table(names, zip(*columns, strict=True), ordered)


def rows(records: Iterable[Mapping[Any, Any]], *, ordered: bool = True) -> str:
    """Return the digest of records, the same as `frame` gives for a DataFrame of them.

    A key that a record lacks is a missing value.
    """
    listed = list(records)
    names = list(dict.fromkeys(name for record in listed for name in record))
    return _table(names, ([record.get(name) for name in names] for record in listed), ordered)


def file(path: str | os.PathLike[str]) -> str:
    """Return the digest of a file; `\\r\\n` in text counts as `\\n`, so clones agree.

    A file is text if its first 8,000 bytes have no NUL. Memory is constant.
    """
    whole = hashlib.sha256()
    with Path(path).open("rb") as stream:
        binary, held, piece = None, b"", stream.read(_PIECE)
        while piece:
            binary = b"\0" in piece[:SNIFFED] if binary is None else binary
            if not binary:
                piece = held + piece
                # The `\n` of this `\r` may be the first byte of the next piece.
                held = b"\r" if piece.endswith(b"\r") else b""
                piece = piece.removesuffix(b"\r").replace(b"\r\n", b"\n")
            whole.update(piece)
            piece = stream.read(_PIECE)
    whole.update(held)
    return whole.hexdigest()


def cell(value: Any, column: Any, row: int | None) -> bytes:
    """Return the canonical JSON of one value of a table.

    Raises ValueError, naming column and row, if the value cannot be written as JSON. If `row` is
    None, `value` is the name of a column.
    """
    try:
        return canonical(_plain(value))
    except (TypeError, ValueError, RecursionError) as error:
        place = "the name of a column" if row is None else f"column {column!r}, row {row}"
        raise ValueError(f"{place}: {error}") from error


def _table(names: Sequence[Any], records: Iterable[Sequence[Any]], ordered: bool) -> str:
    labels = [cell(name, name, None) for name in names]
    order = sorted(range(len(names)), key=labels.__getitem__)
    lines = _lines(names, order, records)
    if not ordered:
        lines = iter(sorted(hashlib.sha256(line).digest() for line in lines))
    whole = hashlib.sha256(b"[" + b",".join(labels[i] for i in order) + b"]\n")
    for line in lines:
        whole.update(line)
    return whole.hexdigest()


def _lines(
    names: Sequence[Any], order: Sequence[int], records: Iterable[Sequence[Any]]
) -> Iterator[bytes]:
    for row, record in enumerate(records):
        cells = [cell(record[i], names[i], row) for i in order]
        yield b"[" + b",".join(cells) + b"]\n"


def _plain(value: Any) -> Any:
    """Return the value as JSON types; another type becomes an object, such as {"bytes": "00ff"}."""
    kind = type(value)
    if kind in (str, int, bool) or is_missing(value):
        return None if is_missing(value) else value
    if isinstance(value, float):
        if math.isinf(value):
            return {"float": str(float(value))}
        return int(value) if value.is_integer() else float(value)
    if isinstance(value, datetime.datetime):
        moment = value if value.tzinfo is None else value.astimezone(datetime.UTC)
        return {"datetime": moment.isoformat()}
    if isinstance(value, datetime.timedelta):  # pandas keeps nanoseconds in an attribute
        nanoseconds = value // datetime.timedelta(microseconds=1) * 1000
        return {"timedelta": int(getattr(value, "value", nanoseconds))}
    if isinstance(value, datetime.date | datetime.time):
        return {kind.__name__: value.isoformat()}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, decimal.Decimal):
        return {"decimal": str(value.normalize())}
    if isinstance(value, Mapping):
        return {"object": [[_plain(k), _plain(value[k])] for k in sorted(value)]}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str | int):  # NumPy's and other subclasses, an Enum of them too
        return str.__str__(value) if isinstance(value, str) else int(value)
    if hasattr(value, "tolist"):  # a NumPy scalar or array
        return _plain(value.tolist())
    raise TypeError(f"a {kind.__name__} has no canonical form; convert it to text or a number")


def is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN, or pandas' NA or NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)
