"""Each cause of the error catalogue: what still happens is held, what is shown limits the harm."""

import json
from collections import Counter
from pathlib import Path

from harbour_answers import desk
from harbour_answers.rag.text import stem

CASES = json.loads(Path(__file__).with_name("known_errors.json").read_text("utf-8"))
GOLDEN = Path(__file__).parents[2] / "data/rag/golden.jsonl"


def test_each_case_is_a_golden_question_of_its_kind() -> None:
    golden = {row["id"]: row for row in map(json.loads, GOLDEN.read_text("utf-8").splitlines())}
    for case in CASES:
        assert golden[case["id"]]["answerable"] == (case["what"] != "false answer")


def test_there_are_no_more_of_any_kind_than_were_read() -> None:
    kinds = Counter(case["what"] for case in CASES)
    assert kinds == {"wrong answer": 7, "turned away": 15, "false answer": 16}


def test_near_page_a_limit_of_another_page_shows_whose_limit_it_is() -> None:
    text = "Above 13 metres a second of wind they stay on the ground."
    quote = desk.Quote(text, "drones-and-photographs.md", 1, 2, "2026-06-22")
    shown = desk.page(desk.reply([quote], release="r2", index_age=1))
    assert "drones-and-photographs.md" in shown
    assert "The handbook itself holds." in shown


def test_two_facts_sentences_that_were_chosen_together_are_shown_together() -> None:
    quotes = [desk.Quote(t, "port-dues.md", 1, 2, "2026-04-01") for t in ("€0.42.", "€0.55.")]
    shown = desk.page(desk.reply(quotes, release="r2", index_age=1))
    assert shown.index("€0.42.") < shown.index("€0.55.")


def test_other_words_whoever_is_turned_away_is_told_whom_to_ask() -> None:
    shown = desk.page(desk.reply([], release="r2", index_age=1))
    assert "does not seem to say" in shown
    assert "Ask the desk" in shown


def test_stem_code_and_cod_are_still_one_word() -> None:
    """When this fails, f013 is mended: take it off the list and run the evaluation again."""
    assert stem("code") == stem("cod")
