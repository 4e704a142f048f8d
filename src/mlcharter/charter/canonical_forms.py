"""The digests of files whose spelling does not count, as the section `hashing` describes them."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator

TEXT_FORMATS = frozenset(["json", "md", "package"])


def digests(data: bytes, format: str) -> Iterator[str]:
    """Yield the digest of the bytes, then those of the canonical forms that the format has."""
    yield hashlib.sha256(data).hexdigest()
    if format in TEXT_FORMATS:
        yield from hash_text(data)
    if format == "json":
        yield from hash_json(data)


def hash_text(data: bytes) -> list[str]:
    """Return the digest of a text in NFC with Unix line ends; empty if it is not text."""
    text = _normalise(data)
    return [] if text is None else [hashlib.sha256(text.encode()).hexdigest()]


def hash_json(data: bytes) -> list[str]:
    """Return the digest of JSON with sorted keys and no spaces; empty if it is not JSON."""
    text = _normalise(data)
    if text is None:
        return []
    try:
        plain = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
        return [hashlib.sha256(plain.encode()).hexdigest()]
    except (ValueError, RecursionError):
        return []


def _normalise(data: bytes) -> str | None:
    try:
        text = data.decode()
    except ValueError:
        return None
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").rstrip("\n") + "\n"
