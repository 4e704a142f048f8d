"""SHA-256 digests of files that do not depend on the line endings of a clone.

A file is text if its first 8,000 bytes have no NUL; Git uses the same test.
A text file is hashed with `\\r\\n` replaced by `\\n`, a binary file as it is.
"""

import hashlib
from typing import Any

from msgspec import Struct

SNIFFED = 8000


class Digests(Struct, frozen=True):
    """`raw` is the digest of the bytes, `text` that with normalised line endings.

    Both are equal for a binary file, and for text without `\\r\\n`. `size` is in bytes.
    """

    raw: str
    text: str
    size: int

    def match(self, digest: str) -> bool:
        """Return whether a digest, or the start of one, belongs to this file."""
        return self.text.startswith(digest) or self.raw.startswith(digest)


class Hasher:
    """Computes both digests of a file in constant memory, from pieces."""

    def __init__(self) -> None:
        self._raw = hashlib.sha256()
        self._text: Any = None  # the hash with normalised line endings, once it may differ
        self._binary: bool | None = None
        self._pending = b""
        self._size = 0

    def update(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._binary is None:
            self._binary = b"\0" in piece[:SNIFFED]
        if self._text is None and not self._binary and b"\r" in piece:
            self._text = self._raw.copy()
        self._raw.update(piece)
        if self._text is None:
            return
        piece = self._pending + piece
        # The `\n` of this `\r` may be the first byte of the next piece.
        self._pending = b"\r" if piece.endswith(b"\r") else b""
        self._text.update(piece.removesuffix(b"\r").replace(b"\r\n", b"\n"))

    def digests(self) -> Digests:
        """Return the digests of the pieces so far."""
        raw = self._raw.hexdigest()
        if self._text is None:
            return Digests(raw, raw, self._size)
        whole = self._text.copy()
        whole.update(self._pending)
        return Digests(raw, whole.hexdigest(), self._size)


def digest(content: bytes) -> Digests:
    """Return the digests of a whole file."""
    hasher = Hasher()
    hasher.update(content)
    return hasher.digests()
