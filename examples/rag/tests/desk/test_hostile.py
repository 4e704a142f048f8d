"""What a stranger sends, and what a page may hold: neither becomes more than text."""

import hashlib
from pathlib import Path

import pytest

from harbour_answers import desk
from harbour_answers.rag.ingest import ingest, read_files
from harbour_answers.rag.learned import Learned
from harbour_answers.rag.system import DATA, System


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
    header = b"---\nreaders: desk\n---\n"
    files = read_files(DATA / "corpus")
    secret = {"bonus.md": header + b"# Bonus\n\nThe harbour master's bonus is 90,000 a year.\n"}
    learned = Learned.read((DATA / "learned.json").read_bytes())
    whole, public = System(ingest(files | secret), learned), System(ingest(files), learned)
    question = "What is the harbour master's bonus a year?"
    assert whole.answer(question, frozenset(["desk"])).citations[0].document == "bonus.md"
    assert whole.answer(question) == public.answer(question)


def test_a_kept_answer_is_for_one_release_and_for_the_same_groups() -> None:
    asked = "What is the bonus?"
    keys = {
        desk.cache_key(release, question, frozenset(groups))
        for release in ("r1", "r2")
        for question in (asked, "What is fog?")
        for groups in ((), ("desk",), ("desk", "pilots"), ("pilots", "desk"))
    }
    assert len(keys) == 2 * 2 * 3


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
