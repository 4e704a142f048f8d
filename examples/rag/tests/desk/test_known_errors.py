"""The cases of the error catalogue, held where they are so that they cannot get worse unseen."""

import json
from pathlib import Path

CASES = json.loads(Path(__file__).with_name("known_errors.json").read_text("utf-8"))
GOLDEN = Path(__file__).parents[2] / "data/rag/golden.jsonl"


def test_each_case_is_a_golden_question_of_its_kind() -> None:
    golden = {row["id"]: row for row in map(json.loads, GOLDEN.read_text("utf-8").splitlines())}
    assert len(CASES) >= 30
    for case in CASES:
        assert golden[case["id"]]["answerable"] == (case["what"] != "false answer")


def test_each_case_has_a_cause() -> None:
    assert {case["cause"] for case in CASES} <= {"near page", "other words", "two facts", "number"}
