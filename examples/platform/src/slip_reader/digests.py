"""Digests of values, so that the same data has the same name on every machine."""

import hashlib
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """`value` as canonical JSON: sorted keys, no spaces, shortest floats, UTF-8.

    Takes what JSON takes; NaN is refused with a ValueError, since it equals nothing.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def sha256(value: Any) -> str:
    """The sha256 of the canonical JSON of `value`, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()
