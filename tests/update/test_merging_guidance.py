"""Guidance stays the template's in a merge, also where it was still a comment."""

import pytest

from mlcharter.update.merging.documents import merge_one

HEAD = "# Design\n\n## Problem\n<!-- section: problem -->\n\n"
COMMENT = "<!-- Which decision does it change? -->\n\n"
QUOTE = "> Which decision does it change? <!-- guidance -->\n\n"
NEWER = "> Which decision does it change, and whose? <!-- guidance -->\n\n"
OPEN, FILLED = "Not written yet.\n", "It stops payments.\n"

CASES = {
    "a comment becomes a quote": (COMMENT, QUOTE, COMMENT, QUOTE),
    "a comment becomes a reworded quote": (COMMENT, NEWER, COMMENT, NEWER),
    "a wrapped comment becomes a quote": (
        COMMENT,
        QUOTE,
        "<!-- Which decision\ndoes it change? -->\n\n",
        QUOTE,
    ),
    "a deleted comment stays deleted": (COMMENT, QUOTE, "", ""),
    "a reworded quote arrives": (QUOTE, NEWER, QUOTE, NEWER),
    "it arrives where ours is wrapped": (
        QUOTE,
        NEWER,
        "> Which decision\n> does it change? <!-- guidance -->\n\n",
        NEWER,
    ),
    "a deleted quote stays deleted": (QUOTE, NEWER, "", ""),
    "an answer in the quote is kept": (
        QUOTE,
        NEWER,
        "> Which decision does it change? Payments. <!-- guidance -->\n\n",
        "> Which decision does it change? Payments. <!-- guidance -->\n\n",
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("text", [OPEN, FILLED], ids=["open", "filled"])
def test_guidance_never_conflicts(name: str, text: str) -> None:
    base, theirs, ours, expected = CASES[name]

    merged = merge_one(HEAD + base + OPEN, HEAD + theirs + OPEN, HEAD + ours + text)

    assert (merged.text, merged.conflict) == (HEAD + expected + text, False)


def test_a_wording_of_the_teams_is_kept_where_the_comment_becomes_a_quote() -> None:
    ours = HEAD + "<!-- Which decision does it change? Ask Ada. -->\n\n" + FILLED

    merged = merge_one(HEAD + COMMENT + OPEN, HEAD + QUOTE + OPEN, ours)

    assert (merged.text, merged.conflict) == (ours, False)
