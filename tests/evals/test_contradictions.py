"""Claims that contradict a sentence are made from it by rules."""

import pytest

from mlcharter.evals import answers
from mlcharter.evals.answers.contradictions import contradict
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report
from mlcharter.evals.spans import locate

CLAIMS = [
    (
        "Ships over 60 metres may enter only with 2 tugs.",
        {
            "number": "Ships over 71 metres may enter only with 2 tugs.",
            "opposite": "Ships under 60 metres may enter only with 2 tugs.",
            "negation": "Ships over 60 metres may not enter only with 2 tugs.",
            "moved": "Ships over 2 metres may enter only with 60 tugs.",
            "omission": "Ships over 60 metres may enter with 2 tugs.",
        },
    ),
    (
        "Dogs are not admitted unless they are on a lead.",
        {
            "negation": "Dogs are admitted unless they are on a lead.",
        },
    ),
    (
        "The gate is open before noon, except on days of rest.",
        {
            "opposite": "The gate is closed before noon, except on days of rest.",
            "negation": "The gate is not open before noon, except on days of rest.",
            "omission": "The gate is open before noon.",
        },
    ),
    (
        "Berth 9 takes 1,450.5 tonnes at 9 knots.",
        {"number": "Berth 1 takes 1,450.5 tonnes at 9 knots."},
    ),
    ("Good morning", {}),
]


@pytest.mark.parametrize(("sentence", "claims"), CLAIMS)
def test_a_claim_changes_one_thing(sentence: str, claims: dict[str, str]) -> None:
    found = {claim.kind: claim.text for claim in contradict(sentence)}
    found = found if len(claims) > 1 or not claims else {k: found[k] for k in claims}
    assert found == claims


DOCUMENTS = {"a.md": b"The fee is 20 for 3 days.", "b.md": b"Dogs are admitted if on a lead."}
FEE = locate("a.md", DOCUMENTS["a.md"], "The fee is 20 for 3 days.")
DOGS = locate("b.md", DOCUMENTS["b.md"], "Dogs are admitted if on a lead.")


@pytest.mark.parametrize(
    ("check", "passed"),
    [
        (lambda claim, quoted: claim in quoted, 0.0),
        (lambda claim, quoted: "not" not in claim, 1 / 3),  # sees the negations, not the number
        (lambda claim, quoted: True, 1.0),
    ],
)
def test_what_a_check_passes_is_counted(check: answers.Check, passed: float) -> None:
    report = Report("rag", seed=1)
    report.add_dataset("questions", "0" * 64, 2)
    asked = [Question("What is the fee?", (FEE,), {}), Question("Dogs?", (DOGS,), {})]

    answers.add_contradictions(report, asked, DOCUMENTS, check)

    rows = report.content(command="python -m evals.rag")["results"]
    assert {row["metric"]: round(row["value"], 6) for row in rows} == {
        "contradictions-passed": round(passed, 6)
    }
