"""Each degrade mode, forced: what the agent gets, and how they see that it is less."""

from pathlib import Path

import pytest

from harbour_answers import desk

from tests.desk import FEE, FOG


def test_with_an_old_index_no_answer_is_given_and_the_page_says_so() -> None:
    fresh = desk.reply([FEE], release="r2", index_age=desk.STALE)
    old = desk.reply([FEE], release="r2", index_age=desk.STALE + 0.1)
    assert (fresh.shown, old.shown, old.quotes) == ("answered", "search-only", ())
    assert "Search only" in desk.page(old)


def test_without_a_quote_it_abstains_and_names_the_desk() -> None:
    given = desk.reply([], release="r2", index_age=1)
    assert (given.shown, given.quotes) == ("abstained", ())
    assert "Ask the desk" in desk.page(given)


def test_a_withdrawn_page_takes_the_whole_answer_with_it() -> None:
    given = desk.reply([FEE, FOG], release="r2", index_age=1, withdrawn=frozenset(["fog.md"]))
    assert (given.shown, given.quotes) == ("abstained", ())


def test_a_release_that_does_not_verify_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(desk.TamperedError, match="missing"):
        desk.verified(tmp_path, {"answerer.json": "0" * 64}, least=1, sequence=2)
    assert desk.closed("none").shown == "closed"


def test_too_many_questions_are_turned_away_before_any_work() -> None:
    assert desk.refused("What does a pilot cost?", desk.PER_MINUTE - 1) is None
    assert desk.refused("What does a pilot cost?", desk.PER_MINUTE) == desk.NOTES["busy"]
