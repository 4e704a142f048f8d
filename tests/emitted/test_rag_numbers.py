"""The figures of the trained encoder in data/rag/README.md are those of a report.

`python -m evals.rag --dense minilm` in a new repository writes tests/studies/rag-minilm.json.
"""

import json

from conftest import ROOT

REPORT = json.loads((ROOT / "tests/studies/rag-minilm.json").read_text(encoding="utf-8"))


def test_the_row_of_the_trained_encoder_is_the_report() -> None:
    found = {(r["metric"], r["against"]): r for r in REPORT["results"]}
    recall, mrr = found["recall-at-5", None], found["mrr-at-10", None]
    gain = found["mrr-at-10", "bm25"]
    ends = gain["interval"]
    row = (
        f"| MiniLM | {recall['value']:.3f} | {mrr['value']:.3f} |"
        f" {gain['value']:+.3f} [{ends['lower']:+.3f}, {ends['upper']:+.3f}] |"
    )
    assert row in (ROOT / "template/project/data/rag/README.md").read_text(encoding="utf-8")
