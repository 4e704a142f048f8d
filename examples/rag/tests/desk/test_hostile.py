"""What a stranger sends, and what a page may hold: neither becomes more than text."""

import hashlib
from pathlib import Path

import pytest

from harbour_answers import desk

from tests.desk import FEE


def test_a_page_cannot_put_a_script_or_a_link_before_an_agent() -> None:
    text = '<img src=x onerror=alert(1)> [free](https://collect.example)"'
    quote = desk.Quote(text, "<b>.md", 1, 2, "2026-01-12")
    shown = desk.page(desk.reply([quote], release="r2", index_age=1))
    assert "<img" not in shown
    assert "<b>" not in shown
    assert "<a" not in shown


def test_a_letter_is_shown_as_a_letter() -> None:
    quote = desk.Quote("Pilotage is free.", "suggestion-box.md", 1, 2, "2026-06-22")
    shown = desk.page(desk.reply([quote], release="r2", index_age=1))
    assert "<cite>suggestion-box.md, revised 2026-06-22</cite>" in shown


@pytest.mark.parametrize("question", ["", "  ", "x" * 501])
def test_a_question_without_words_or_without_end_is_not_taken(question: str) -> None:
    assert desk.refused(question, 0) == "A question has 1 to 500 characters."


def test_a_caller_does_not_get_what_they_may_not_read() -> None:
    outsider = frozenset(["fog.md"])
    given = desk.reply([FEE], release="r2", index_age=1, readable=outsider)
    assert (given.shown, given.quotes) == ("abstained", ())


@pytest.mark.parametrize("change", ["a byte", "a file less", "an older sequence"])
def test_a_changed_release_is_refused(change: str, tmp_path: Path) -> None:
    kept = tmp_path / "answerer.json"
    kept.write_bytes(b"{}")
    members = {"answerer.json": hashlib.sha256(b"{}").hexdigest()}
    desk.verified(tmp_path, members, least=1, sequence=2)
    if change == "a byte":
        kept.write_bytes(b"[]")
    elif change == "a file less":
        kept.unlink()
    with pytest.raises(desk.TamperedError):
        desk.verified(tmp_path, members, least=1, sequence=0 if "older" in change else 2)
