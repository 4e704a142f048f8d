"""The log says what was asked, what was quoted and by which release; not who asked."""

import json

import pytest

from harbour_answers import desk

from tests.desk import FEE


def test_a_line_names_the_release_and_the_spans() -> None:
    given = desk.reply([FEE], release="release-2026-11", index_age=1)
    line = json.loads(desk.logged("Pilot fee?", given, "10.0.0.7", b"salt"))
    assert line["release"] == "release-2026-11"
    assert line["quoted"] == [["pilot-fees.md", 118, 141]]
    assert line["shown"] == "answered"


def test_a_caller_is_the_same_within_a_week_and_nobody_after_it() -> None:
    given = desk.closed("none")
    first, again, later = (desk.logged("?", given, "10.0.0.7", s) for s in (b"a", b"a", b"b"))
    assert first == again != later
    assert "10.0.0.7" not in first


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("Mail me: kari.n@agency.example", "Mail me: <EMAIL_ADDRESS>"),
        ("Call +47 912 34 567 about berth 12", "Call <PHONE_NUMBER> about berth 12"),
        ("Call 912 34 567", "Call <PHONE_NUMBER>"),
        ("Dues for 12,000 gross tons at berth 7?", "Dues for 12,000 gross tons at berth 7?"),
        ("IMO 9074729, draught 8.5", "IMO 9074729, draught 8.5"),
    ],
)
def test_names_of_people_to_reach_are_masked_and_numbers_of_ships_are_not(
    asked: str, kept: str
) -> None:
    assert desk.without_names(asked) == kept
