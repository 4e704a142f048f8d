"""SHA-256 digests of files, the same in every clone whatever line ends Git wrote there.

A file is text when its first 8,000 bytes have no NUL, which is how Git tells text from binary.
Of text, the digest is that of its content with `\\r\\n` as `\\n`; of a binary file, of its bytes.
"""

import hashlib

from msgspec import Struct

SNIFFED = 8000


class Digests(Struct, frozen=True):
    """`raw` is of the bytes as they are, `text` of text with normalised line ends; `size` in bytes.

    Both are the same for a binary file, and for text without `\\r\\n`.
    """

    raw: str
    text: str
    size: int

    def match(self, digest: str) -> bool:
        """Whether a digest, or the beginning of one, is of this file."""
        return self.text.startswith(digest) or self.raw.startswith(digest)


class Hasher:
    """Computes both digests of a file that is given piece by piece, in constant memory."""

    def __init__(self) -> None:
        self._raw = hashlib.sha256()
        self._text = hashlib.sha256()
        self._binary: bool | None = None
        self._held = b""
        self._size = 0

    def update(self, piece: bytes) -> None:
        self._raw.update(piece)
        self._size += len(piece)
        if self._binary is None:
            self._binary = b"\0" in piece[:SNIFFED]
        if self._binary:
            return
        piece = self._held + piece
        # The `\n` of this `\r` may be the first byte of the next piece.
        self._held = b"\r" if piece.endswith(b"\r") else b""
        self._text.update(piece.removesuffix(b"\r").replace(b"\r\n", b"\n"))

    def digests(self) -> Digests:
        """What was hashed so far."""
        raw = self._raw.hexdigest()
        if self._binary:
            return Digests(raw, raw, self._size)
        whole = self._text.copy()
        whole.update(self._held)
        return Digests(raw, whole.hexdigest(), self._size)
