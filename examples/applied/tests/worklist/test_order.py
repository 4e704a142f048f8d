"""The list holds every mass, what looks malignant stands first, and nobody waits forever."""

import pytest

from biopsy_triage import worklist

from tests.worklist import mass, model

NOW = 10.0
LIST = [mass("even", 0.05), mass("alarming", 0.25), mass("middling", 0.12)]


def shown(masses: list[worklist.Mass]) -> worklist.Order:
    return worklist.order(masses, model(), NOW, "release-2026-10")


def test_what_looks_malignant_stands_first() -> None:
    assert shown(LIST).ids == ("alarming", "middling", "even")
    assert shown(LIST).marks == {"alarming": "before any break", "middling": "before any break"}


def test_the_order_of_a_list_is_the_same_twice_and_whatever_came_first() -> None:
    assert shown(LIST) == shown(LIST) == shown(LIST[::-1])


def test_a_mass_that_has_waited_goes_before_every_scored_one() -> None:
    waiting = mass("waiting", 0.01, arrived=NOW - worklist.WAITED - 0.1)
    assert shown([*LIST, waiting]).ids[0] == "waiting"


def test_a_mass_that_comes_twice_stands_once() -> None:
    assert shown([*LIST, LIST[0]]).ids == shown(LIST).ids


def test_a_mass_that_comes_late_changes_no_other_place() -> None:
    late = mass("late", 0.15, arrived=NOW - 0.1)
    assert [name for name in shown([*LIST, late]).ids if name != "late"] == list(shown(LIST).ids)


def test_measures_that_are_too_old_count_as_missing() -> None:
    old = mass("old", 0.01, measured=NOW - worklist.STALE - 0.1)
    assert shown([*LIST, old]).marks["old"] == "not scored"


def test_whoever_said_no_is_not_scored_and_stands_first() -> None:
    assert shown([*LIST, mass("no", 0.01, opted_out=True)]).ids[0] == "no"


def test_a_reader_moves_a_mass_and_the_move_is_kept() -> None:
    after = worklist.moved(shown(LIST), "even", 0)
    assert after.ids == ("even", "alarming", "middling")
    assert after.moves == (("even", 2, 0),)


def test_what_is_written_back_names_the_release_and_no_score() -> None:
    assert worklist.written(shown(LIST), ["even", "alarming", "middling"]) == {
        "order": ["alarming", "middling", "even"],
        "release": "release-2026-10",
        "shown": "asked",
    }


@pytest.mark.parametrize("read", [["even"], ["even", "alarming", "middling", "other"]])
def test_an_order_that_lost_or_gained_a_mass_is_not_written(read: list[str]) -> None:
    with pytest.raises(ValueError, match="does not hold the masses"):
        worklist.written(shown(LIST), read)
