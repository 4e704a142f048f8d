"""The experiment of `make bench PARTS=merge`: our row is clean, and the manual has its tables."""

import re
from pathlib import Path

import merge as experiment
import merge_formatters as formatters
import pytest
from merge_cases import SEEN, UNSEEN

PAGE = experiment.PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def cases() -> list[experiment.Case]:
    return experiment.some_cases()


def test_every_case_of_the_experiment_merges_clean(cases: list[experiment.Case]) -> None:
    score = experiment.Score()
    for case in cases:
        score.add(case, experiment.ours(case))

    assert score.broken == []
    assert (score.cases, score.clean) == (78, 78)
    assert len({(case.change, case.filling) for case in cases}) == 78
    assert {case.change for case in cases} == {*SEEN, *UNSEEN, *experiment.OTHERS}
    assert {case.track for case in cases} == set(experiment.TRACKS)


def test_the_experiment_sees_damage(cases: list[experiment.Case]) -> None:
    """A tool that takes the template's side loses every line, one that takes ours every new one."""
    theirs, mine = experiment.Score(), experiment.Score()
    for case in cases:
        theirs.add(case, case.after.docs)
        mine.add(case, case.ours.docs)

    assert theirs.clean == sum(not case.ours.homes for case in cases) == 1
    assert theirs.lost == sum(len(case.ours.homes) for case in cases)
    assert mine.lost == 0 and mine.clean < len(cases) / 2


def table(name: str) -> str:
    """A table of the manual that the experiment has written."""
    return PAGE.partition(f"<!-- generated: {name} -->\n")[2].partition("<!-- end -->")[0]


def test_the_manual_has_the_rows_of_every_tool_and_change() -> None:
    rows = re.findall(r"(?m)^\| `(.+?)` \| (.+) \|$", table("tools"))

    assert [name for name, _ in rows] == list(experiment.TOOLS)
    assert dict(rows)["mlcharter update"] == "312 | 312 | 0 | 0 | 0 | 0 | 0 | 0"
    for change in {**SEEN, **UNSEEN}.values():
        assert experiment.said(change.__doc__) in PAGE


@pytest.mark.field(21, "the recorded figures of real formatters")
def test_the_manual_has_a_row_for_each_formatter_and_nothing_is_lost_behind_one() -> None:
    named = [name.strip() for name in formatters.real(Path("nowhere"))]
    rows = re.findall(r"(?m)^\| `(.+?)` \| \d+ \| (.+) \| \d+ \|$", table("formatters"))
    checked = re.findall(r"(?m)^\| `(.+?)` \| \d+ \| (\d+) \| \d+ \|$", table("checked"))

    for found in (rows, checked):
        assert [re.sub(r" [\d.]+$", "", name) for name, _ in found] == named
    assert {counts for _, counts in rows} == {"26 | 26 | 0 | 0 | 0 | 0 | 0 | 0"}
    assert {new for _, new in checked} == {"0"}
