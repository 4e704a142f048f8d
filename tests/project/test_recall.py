"""The rules find nearly every defect that the benchmark makes in the filled-in examples.

Here every fifth mutant of each kind is judged; `make recall` judges all and writes the page.
"""

import difflib
import re
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import recall  # noqa: E402
from judging import Example  # noqa: E402

SAMPLE = 5


@cache
def example(name: str) -> Example:
    return Example(name)


@pytest.fixture(scope="module")
def outcome() -> recall.Outcome:
    found = recall.Outcome()
    for name in recall.names():
        found = found.plus(recall.run(example(name), SAMPLE * len(recall.names())))
    return found


@pytest.mark.parametrize("name", recall.names())
def test_an_example_has_no_finding(name: str) -> None:
    assert example(name).clean == ()


def test_nearly_every_mutant_is_caught(outcome: recall.Outcome) -> None:
    assert outcome.total().mutants > 500
    assert outcome.total().share >= recall.WANTED


def test_nearly_every_finding_is_at_the_line_of_the_defect(outcome: recall.Outcome) -> None:
    total = outcome.total()

    assert total.at_the_line + total.at_its_name >= recall.WANTED * total.caught


def test_every_surviving_mutant_has_a_reason(outcome: recall.Outcome) -> None:
    left = recall.unexplained(outcome, recall.reasons())

    assert [f"{v.mutant.operator}: {v.mutant.path} {v.mutant.what}" for v in left] == []


def test_a_mutant_of_every_kind_can_be_caught(outcome: recall.Outcome) -> None:
    assert [kind for kind, score in outcome.scores.items() if not score.caught] == []


def test_an_operator_changes_one_place_and_returns_it() -> None:
    kind = "config: an entry that stands twice"
    mutant = next(m for m in example("applied").mutants() if m.operator == kind)
    before = (ROOT / "examples/applied" / mutant.path).read_text(encoding="utf-8").splitlines()
    assert isinstance(mutant.text, str)

    diff = difflib.unified_diff(before, mutant.text.splitlines(), n=0, lineterm="")

    assert (mutant.path, mutant.what) == ("docs/design_doc.md", "kpis:0")
    assert "\n".join(diff).split("\n", 3)[3] == (
        "+- id: hours-to-malignant-report\n"
        "+  role: north-star\n"
        "+  parent: null\n"
        "+  unit: h\n"
        "+  direction: down\n"
        "+  baseline: 26.5   # median, January to April 2026\n"
        "+  source: evidence/baseline-2026-05.md, query 1\n"
        '+  owner: "@northbank/cytology-board"'
    )
    assert mutant.first <= 125 <= mutant.last


def test_the_page_lists_every_kind_of_mutant(outcome: recall.Outcome) -> None:
    section = text().split("## By mutation\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ([^|*]+?)(?: \(\*meaning\*\))? \|", section, re.M)

    assert set(cells[1:]) == set(outcome.scores)


def test_the_page_has_the_findings_of_every_rule(request: pytest.FixtureRequest) -> None:
    wanted = recall.reseeded(text(), list(recall.seeded()))
    if request.config.getoption("--accept"):
        recall.PAGE.write_text(wanted, encoding="utf-8")

    assert text() == wanted


def text() -> str:
    return recall.PAGE.read_text(encoding="utf-8")
