"""A section counts as filled if it has text of the team, even a short one."""

import pytest

from mlcharter.charter import filling
from mlcharter.markdown import document
from mlcharter.template import specification
from mlcharter.template.specification import Specification

GUIDANCE = (
    "> Which decision does this change, and who makes it today? Name the person. <!-- guidance -->"
)
TEMPLATE = f"""\
# Fraud watch: design

## The problem
<!-- section: problem -->

{GUIDANCE}

Answered at founding: role `{{{{ role }}}}`.

| Who | What |
|---|---|

Not written yet.

- [ ] `owner-named` Somebody owns the decision.
"""


def reason(text: str, template: str = TEMPLATE) -> str | None:
    demand = specification.specify(document.parse(template, "x.md"))
    (wanted,) = demand.sections
    head = "## The problem\n<!-- section: problem -->\n\n"
    (section,) = document.parse(f"{head}{text}\n", "x.md").sections
    return filling.why_unfilled(
        Specification((demand,), answers={"role": "provider"}), wanted, section
    )


UNFILLED = {
    "nothing": ("", "is empty"),
    "the guidance": (GUIDANCE, "is empty"),
    "the placeholder": ("Not written yet.", "still says `Not written yet.`"),
    "an answer above the placeholder": ("We stop payments.\n\nNot written yet.", "still says"),
    "the template's own words": ("Answered at founding: role `provider`.", "is empty"),
    "the template's empty table": ("| Who | What |\n|---|---|", "is empty"),
    "an empty table of our own": ("| Which | Why |\n|---|---|\n| | |", "has almost no text"),
    "a box": ("- [x] `owner-named` Somebody owns the decision.", "is empty"),
    "a title": ("### Decisions and people", "is empty"),
    "its own heading": ("The problem", "has almost no text"),
    "the guidance copied": (
        "Which decision does this change, and who makes it today? Name the person.",
        "repeats its guidance",
    ),
    "half of the guidance": ("> *Which decision does this change*", "repeats its guidance"),
    "the guidance and a word": (
        "Q: Which decision does this change, and who makes it today? Name the person. A:",
        "repeats its guidance",
    ),
    "lorem ipsum": ("Lorem ipsum dolor sit amet, consectetur.", "contains lorem ipsum"),
    "lorem ipsum in a list": ("- lorem ipsum\n- dolor sit amet", "contains lorem ipsum"),
    "a promise": ("TODO: describe the problem", "says that it will be written later"),
    "a promise in bold": ("**To be done.**", "says that it will be written later"),
    "another placeholder": ("_Not written yet_", "says that it will be written later"),
    "a word": ("Payments.", "has almost no text"),
    "dots": ("…", "has almost no text"),
    "an empty fence": ("```text\n\n```", "has almost no text"),
    "a hidden answer": ("<!-- We stop payments. -->", "is empty"),
    "empty tags": ("<div>\n<br>\n</div>", "has almost no text"),
}


@pytest.mark.parametrize(("text", "why"), UNFILLED.values(), ids=list(UNFILLED))
def test_a_section_is_not_filled_by(text: str, why: str) -> None:
    assert why in (reason(text) or "it counts as filled")


FILLED = {
    "a sentence": "It stops payments.",
    "a sentence beside the guidance": f"{GUIDANCE}\n\nIt stops payments.",
    "an answer that quotes the guidance": (
        "Which decision does this change? It stops payments above 500 euros until Ada looks."
    ),
    "a list": "- stops payments\n- nothing else",
    "a row": "| Who | What |\n|---|---|\n| Ada | stops payments |",
    "a diagram": "```mermaid\nflowchart LR\n  a --> b\n```",
    "a picture": "![](flow.svg)",
    "a link": "[the decision](adr/stop-payments.md)",
    "another language": "Zahlungen über 500 € warten auf Ada.",
    "a script without spaces": "支払いを 止める",
    "text under a title": "### Decisions\n\nIt stops payments.",
    "words after lorem ipsum": "Lorem ipsum dolor.\n\nIt stops payments.",
}


@pytest.mark.parametrize("text", FILLED.values(), ids=list(FILLED))
def test_a_section_is_filled_by(text: str) -> None:
    assert reason(text) is None


def test_a_section_that_the_template_fills_must_not_be_emptied() -> None:
    template = TEMPLATE.replace("\nNot written yet.\n", "")

    assert reason("Answered at founding: role `provider`.", template) is None
    assert reason("", template) == "is empty"
    assert reason("Lorem ipsum dolor sit.", template) == "contains lorem ipsum"
