"""Each defect of the eval of tools lets through the attacks of its own category, and no others."""

import pytest

from evals import tools


@pytest.mark.parametrize("category", tools.BROKEN)
def test_a_defect_breaks_its_own_gate_only(category: str) -> None:
    known, make = tools.BROKEN[category]
    report = tools.new_report()
    tools.play(report, known(), make)
    rows = report.content(command="python -m evals.tools")["results"]
    assert [row["slice"] for row in rows if row["value"] > 0] == [category]


def test_there_is_a_defect_for_each_category() -> None:
    assert {case["category"] for case in tools.cases()} == tools.BROKEN.keys()
