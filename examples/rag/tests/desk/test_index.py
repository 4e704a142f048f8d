"""The index is made again from pages and settings, and comes out the same."""

import numpy as np

from harbour_answers.rag.ingest import ingest
from harbour_answers.rag.retrieval import Index, ranked

FILES = {"fog.md": b"# Fog\n\nBelow 200 metres all stops.\n", "tug.md": b"# Tug\n\nIt has crew.\n"}


def test_two_indexes_of_one_corpus_are_the_same() -> None:
    one, two = Index(ingest(FILES)), Index(ingest(FILES))
    assert one.digest == two.digest
    assert np.array_equal(one.dense("tug"), two.dense("tug"))
    assert ranked(one.fused("tug in fog")) == ranked(two.fused("tug in fog"))
