"""The page docs/field.md is complete, and in the form that `make field` writes."""

import json
import xml.etree.ElementTree as ElementTree

import field_page
import pytest
from field_page import PAGE, POINTS, Repository, Tried
from inference import LISTINGS


@pytest.fixture
def text() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("point", POINTS)
def test_every_point_has_a_test(point: int) -> None:
    assert [tried for of, tried in field_page.marked() if of == point] != []


def test_the_page_is_in_the_form_that_the_command_writes(text: str) -> None:
    assert field_page.page(Repository.read(text), Tried.read(text)) == text


def test_the_page_has_what_the_tests_try_and_all_of_it_passed(text: str) -> None:
    tried = Tried.read(text)

    assert {(row.point, row.tried) for row in tried} == field_page.marked()
    assert [row for row in tried if "failed" in row.outcome] == []


def test_the_page_has_every_recorded_repository_and_none_lost_anything(text: str) -> None:
    rows = Repository.read(text)
    listings = json.loads(LISTINGS.read_text(encoding="utf-8"))

    assert [row.repository for row in rows] == [listing["repository"] for listing in listings]
    assert len(rows) >= 22
    for row in rows:
        assert (row.changed, row.findings, row.update, row.conflicts) == (0, 0, 0, 0), row
        assert row.lost.startswith("0 of "), row


def test_cases_are_counted_by_point_and_text() -> None:
    case = '<testcase><properties><property name="field" value="{}"/></properties>{}</testcase>'
    texts = [
        case.format("20: a sparse checkout", ""),
        case.format("20: a sparse checkout", "<failure/>"),
        case.format("6: dates", "<skipped/>"),
        case.format("7: line ends", ""),
    ]

    assert list(field_page.counted(map(ElementTree.fromstring, texts))) == [
        Tried(6, "dates", 1, "1 skipped"),
        Tried(7, "line ends", 1, "passed"),
        Tried(20, "a sparse checkout", 2, "1 failed, 1 passed"),
    ]
