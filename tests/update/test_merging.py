"""Merging documents: whatever the template changes, what a team wrote stays in its place."""

import itertools
import re
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcharter.update.merging import trees
from mlcharter.update.merging.documents import Merged, Versions, merge, merge_one
from mlcharter.update.merging.renames import Renames, read
from mlcharter.update.merging.trees import File
from mlcharter.update.merging.units import split_document

DOCUMENT = """\
# Harbour watch: evals

Owner: @acme/harbour

Reviewed:

What is measured.

## Data
<!-- section: data -->

<!-- Which rows decide? -->

Not written yet.

- [ ] `data-cards` Each dataset has a card. <!-- from production -->
- [ ] `split-frozen` The test rows are frozen. <!-- from prototype -->

## Errors
<!-- section: errors -->

<!-- Which wrong output hurts most? -->

| Case | Cause |
|---|---|

Not written yet.

A cause without a test comes back.
Name it.

## Gates
<!-- section: gates -->

<!-- config: gates -->
```yaml
- id: null         # a word
  threshold: null  # a share
```
"""


def filled() -> str:
    """DOCUMENT as a team has filled it in."""
    changes = {
        "Reviewed:": "Reviewed: 2026-11-01",
        "decide? -->\n\nNot written yet.": "decide? -->\n\nThe 2025 arrivals.\nNobody tuned.",
        "- [ ] `data-cards` Each dataset has a card.": "- [x] `data-cards` Each dataset has a card."
        " Evidence: [card](cards/quay.md)",
        "|---|---|\n\nNot written yet.": "|---|---|\n| tug missed | fog |",
        "- id: null         # a word\n  threshold: null  # a share": "- id: auc  # ours\n"
        "  threshold: 0.9  # by the desk\n- id: recall\n  threshold: 0.8",
    }
    text = DOCUMENT
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


FILLED = filled()


def changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


CASES = {
    "a reworded guidance": ("Which rows decide?", "Which rows decide, and who may change them?"),
    "a reworded item": ("Each dataset has a card.", "Each dataset has a card that is current."),
    "a new item": ("<!-- from prototype -->\n", "<!-- from prototype -->\n- [ ] `new` New.\n"),
    "a renamed heading": ("## Data\n", "## Datasets\n"),
    "a new section": ("## Errors\n", "## Slices\n<!-- section: slices -->\n\nText.\n\n## Errors\n"),
    "a new column": ("| Case | Cause |\n|---|---|", "| Case | When | Cause |\n|---|---|---|"),
    "a new row": ("|---|---|\n", "|---|---|\n| every case | unknown |\n"),
    "a new key": ("  # a share\n", "  # a share\n  wait: null\n"),
    "a reworded comment": ("# a share", "# from 0 to 1"),
    "a reworded paragraph": ("comes back.", "returns."),
    "other words for the placeholder": ("Not written yet.", "To be written."),
    "a field more": ("Reviewed:\n", "Reviewed:\n\nBackup:\n"),
}
SHOWN = {
    "a reworded item": "- [x] `data-cards` Each dataset has a card that is current. "
    "Evidence: [card](cards/quay.md) <!-- from production -->\n",
    "a new column": "| Case | When | Cause |\n|---|---|---|\n| tug missed |  | fog |\n",
    "a new row": "|---|---|\n| every case | unknown |\n| tug missed | fog |\n",
    "a new key": "- id: auc  # ours\n  threshold: 0.9  # by the desk\n  wait: null\n"
    "- id: recall\n  threshold: 0.8\n  wait: null\n",
}


@pytest.mark.parametrize("name", CASES)
def test_a_change_of_the_template_lands_in_a_filled_document(name: str) -> None:
    old, new = CASES[name]
    result = merge_one(DOCUMENT, changed(DOCUMENT, (old, new)), FILLED)

    assert not result.conflict
    assert SHOWN.get(name, "") in result.text
    assert "Not written yet." not in result.text and "To be written." not in result.text
    assert lost(DOCUMENT, FILLED, result.text) == []
    if name not in ("a reworded item", "a new column", "a new row", "a reworded comment"):
        assert result.text == (changed(FILLED, (old, new)) if old in FILLED else result.text)


def lost(base: str, ours: str, result: str) -> list[str]:
    """The words of ours that the base does not have and the result lacks."""
    return [w for w in ours.split() if w not in base.split() and w not in result.split()]


def test_sections_take_the_order_of_the_template_and_own_ones_their_neighbour() -> None:
    parts = re.split(r"(?m)^(?=## )", DOCUMENT)
    moved = parts[0] + parts[2] + parts[1] + parts[3]
    own = changed(FILLED, ("## Errors\n", "## Tides\n\nOurs alone.\n\n## Errors\n"))

    result = merge_one(DOCUMENT, moved, own)

    assert re.findall("(?m)^## (.*)", result.text) == ["Errors", "Data", "Tides", "Gates"]
    assert not result.conflict and lost(DOCUMENT, own, result.text) == []


def test_a_removed_section_is_kept_if_the_team_wrote_in_it() -> None:
    parts = re.split(r"(?m)^(?=## )", DOCUMENT)
    without = parts[0] + parts[1] + parts[3]

    kept = merge_one(DOCUMENT, without, FILLED)
    gone = merge_one(DOCUMENT, without, changed(DOCUMENT, ("Reviewed:", "Reviewed: today")))

    assert "| tug missed | fog |" in kept.text
    assert kept.notes == ["errors: removed by the template; yours is kept"]
    assert "## Errors" not in gone.text and gone.changes == ["errors: removed"]


def test_both_rewording_one_paragraph_conflicts_round_it_alone() -> None:
    ours = changed(FILLED, ("comes back.", "haunts us."))
    theirs = changed(DOCUMENT, ("comes back.", "returns."))

    result = merge_one(DOCUMENT, theirs, ours)

    assert result.conflict
    assert (
        "<<<<<<< this repository\nA cause without a test haunts us.\nName it.\n=======\n"
        "A cause without a test returns.\nName it.\n>>>>>>> template\n"
    ) in result.text
    assert result.text.count("<<<<<<<") == 1


def test_an_entry_of_a_list_that_both_added_stays_as_the_team_wrote_it() -> None:
    entry = "- id: auc\n  threshold: 0.5\n"
    theirs = changed(DOCUMENT, ("```yaml\n", f"```yaml\n{entry}  starter: true\n"))
    ours = changed(DOCUMENT, ("```yaml\n", f"```yaml\n{entry}"))

    assert merge_one(DOCUMENT, theirs, ours).text == ours


def test_both_changing_one_value_conflicts_round_its_line_alone() -> None:
    base = changed(DOCUMENT, ("id: null         # a word", "id: auc"), ("null  # a share", "0.5"))
    ours, theirs = changed(base, ("0.5", "0.6")), changed(base, ("0.5", "0.7"))

    result = merge_one(base, theirs, ours)

    assert "- id: auc\n<<<<<<< this repository\n  threshold: 0.6\n=======\n" in result.text


def test_an_item_that_moves_to_another_section_takes_its_tick_along() -> None:
    line = "- [ ] `data-cards` Each dataset has a card. <!-- from production -->\n"
    theirs = changed(DOCUMENT, (line, ""), ("Name it.\n", f"Name it.\n\n{line}"))

    result = merge({"d": Versions(DOCUMENT, theirs, FILLED)})["d"]

    assert result.text.count("`data-cards`") == 1
    assert "Name it.\n\n- [x] `data-cards`" in result.text and not result.conflict


def test_an_item_that_the_team_moved_takes_the_new_wording_there() -> None:
    line = "- [ ] `split-frozen` The test rows are frozen. <!-- from prototype -->\n"
    ours = changed(FILLED, (line, ""), ("Name it.\n", f"Name it.\n\n{line}"))
    theirs = changed(DOCUMENT, ("The test rows are frozen.", "The test rows are frozen by digest."))

    result = merge({"d": Versions(DOCUMENT, theirs, ours)})["d"]

    assert result.text == changed(ours, ("rows are frozen.", "rows are frozen by digest."))


def test_a_report_lists_the_change_of_each_section() -> None:
    parts = re.split(r"(?m)^(?=## )", DOCUMENT)
    theirs = changed(
        parts[0] + parts[2] + parts[1] + parts[3],
        ("Which rows decide?", "Which rows really decide?"),
        ("Each dataset has", "Every dataset has"),
        ("  # a share\n", "  # a share\n  wait: null\n"),
    )

    told = ["errors: moved after Harbour watch: evals"]
    told += ["data: guidance changed, `data-cards` changed", "gates: config block `gates` changed"]
    assert sorted(merge_one(DOCUMENT, theirs, FILLED).changes) == sorted(told)
    assert sorted(merge_one(DOCUMENT, theirs, DOCUMENT).changes) == sorted(told)


def test_a_row_with_an_odd_line_break_in_a_cell_stays_one_row() -> None:
    ours = changed(FILLED, ("| tug missed | fog |", "| tug\u2028missed | fog |"))
    theirs = changed(DOCUMENT, ("|---|---|\n", "|---|---|\n| every case | unknown |\n"))

    result = merge_one(DOCUMENT, theirs, ours)

    assert "| every case | unknown |\n| tug\u2028missed | fog |\n" in result.text


def test_a_section_that_moves_to_another_document_takes_its_text_along() -> None:
    parts = re.split(r"(?m)^(?=## )", DOCUMENT)
    here = Versions(DOCUMENT, parts[0] + parts[1] + parts[3], FILLED)
    there = Versions("", "# Errors\n\n" + parts[2], "")

    result = merge({"evals.md": here, "errors.md": there})

    assert "tug missed" in result["errors.md"].text and "tug" not in result["evals.md"].text
    assert result["errors.md"].text.startswith("# Errors\n\n## Errors\n")
    assert result["evals.md"].notes == []


def test_renames_are_followed() -> None:
    theirs = changed(
        DOCUMENT,
        ("section: data", "section: datasets"),
        ("`data-cards`", "`cards`"),
        ("threshold:", "limit:"),
    )
    renames = read(
        "sections: {data: datasets}\nitems: {data-cards: cards}\nconfigs:\n"
        "  gates: {threshold: limit}\n"
    )

    result = merge({"d": Versions(DOCUMENT, theirs, FILLED)}, renames)["d"]

    assert "- [x] `cards` Each dataset" in result.text
    assert "  limit: 0.9  # by the desk\n" in result.text and not result.conflict
    assert "threshold" not in result.text and result.text.count("## Data\n") == 1


def test_a_removed_key_is_kept_if_it_was_filled_in() -> None:
    base = changed(
        DOCUMENT, ("- id: null         # a word", "id: null"), ("  threshold", "threshold")
    )
    ours = changed(base, ("id: null", "id: auc"))
    theirs = changed(base, ("threshold: null  # a share\n", ""))

    assert "threshold" not in merge_one(base, theirs, ours).text
    kept = merge_one(base, theirs, changed(ours, ("threshold: null", "threshold: 0.9")))
    assert "threshold: 0.9" in kept.text
    assert kept.notes == ["gates: `threshold` was removed by the template; yours is kept"]


def test_a_changed_comment_of_a_key_does_not_conflict_with_what_the_team_filled_in() -> None:
    before, filled_in = "  threshold: null  # a share", "  threshold:\n    low: 0.5\n    high: 0.9"
    base = changed(DOCUMENT, ("id: null         # a word", "id: null"))
    ours = changed(base, ("id: null", "id: auc"), (before, filled_in))

    result = merge_one(base, changed(base, (before, f"{before}, or two")), ours)

    assert not result.conflict
    assert f"- id: auc\n{filled_in}\n" in result.text


def test_windows_line_ends_stay() -> None:
    theirs = changed(DOCUMENT, ("Each dataset", "Every dataset"))

    result = merge_one(DOCUMENT, theirs, FILLED.replace("\n", "\r\n"))

    assert result.text == merge_one(DOCUMENT, theirs, FILLED).text.replace("\n", "\r\n")


def test_a_reflowed_paragraph_is_the_same_paragraph() -> None:
    ours = changed(FILLED, ("comes back.\nName it.", "comes\nback. Name\nit."))
    theirs = changed(DOCUMENT, ("comes back.", "returns."))

    assert "A cause without a test returns.\nName it.\n" in merge_one(DOCUMENT, theirs, ours).text


# Laws

PLAIN_LINES = (
    "",
    "Not written yet.",
    "What is measured.",
    "<!-- Why? -->",
    "- [ ] `extra` Something more.",
    "- [ ] `data-cards` Said twice.",
    "- [x] ours",
    "  - below it",
    "  and on",
    "* a point",
    "1. first",
    "| a | b |",
    "| 1 | 2 |",
    "- id: more",
    "  threshold: 1  # why so",
    "> said",
    "Owner: @someone",
    "a  line   with\tblanks",
    "naïve 🙂 \u200f \u2028 İ",
    "<<<<<<< HEAD",
    ">>>>>>> theirs",
)
LINES = (
    *PLAIN_LINES,
    "## Own heading",
    "### Below",
    "<!-- section: extra -->",
    "|---|---|",
    "```yaml",
    "```",
    "<!-- config: gates -->",
    "  # why so",
    "=======",
    "<!-- open",
    "-->",
)


@st.composite
def edited(
    draw: st.DrawFn, start: str = DOCUMENT, mark: str = "", new: Sequence[str] = LINES
) -> str:
    """`start` after a few edits of lines and blocks; `mark` tags what is written.

    Lines are inserted, replaced and removed; blocks are moved and doubled; paragraphs are wrapped
    anew.
    """
    lines = start.split("\n")
    for number in range(draw(st.integers(0, 6))):
        lines = lines or [""]
        at = draw(st.integers(0, len(lines) - 1))
        size = draw(st.integers(1, 5))
        what = draw(st.sampled_from(["insert", "insert", "replace", "remove", "move", "wrap"]))
        line = draw(st.sampled_from(new))
        if mark and line[:1] not in ("|", "`", "<", "="):
            line += f" {mark}{number}a {mark}{number}b {mark}{number}c"
        if what == "insert":
            lines.insert(at, line)
        elif what == "replace":
            lines[at : at + 1] = [line]
        elif what == "remove":
            del lines[at : at + size]
        elif what == "move":
            block = lines[at : at + size]
            if draw(st.booleans()):
                del lines[at : at + size]
            to = draw(st.integers(0, len(lines)))
            lines[to:to] = block
        elif " " in lines[at].strip() and lines[at][:1].isalpha():
            lines[at : at + 1] = lines[at].rsplit(" ", 1)
    return "\n".join(lines)


often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@given(edited())
def test_the_parts_of_a_document_are_the_document(text: str) -> None:
    parts = split_document(text)
    flow = [parts.first, *(unit for part in parts.parts for unit in part.units), parts.last]
    joined = "".join(
        one.text + parts.gaps[id(one), id(two)] for one, two in itertools.pairwise(flow)
    )

    assert joined == text


def merged(base: str, theirs: str, ours: str) -> Merged:
    """As an update merges a document, with moves inside it."""
    return merge({"d": Versions(base, theirs, ours)})["d"]


@often
@given(edited(), edited())
def test_if_one_side_is_unchanged_the_result_is_the_other(theirs: str, ours: str) -> None:
    assert merged(DOCUMENT, theirs, DOCUMENT).text == theirs
    assert merged(DOCUMENT, DOCUMENT, ours).text == ours
    assert merged(DOCUMENT, ours, ours).text == ours


@often
@given(edited(), edited(start=FILLED, mark="tagged"), st.booleans())
def test_every_line_of_the_team_is_in_the_result(theirs: str, ours: str, crlf: bool) -> None:
    ours = ours.replace("\n", "\r\n") if crlf else ours

    result = merged(DOCUMENT, theirs, ours)

    assert lost(DOCUMENT, ours, result.text) == []
    words = result.text.split()
    for number in set(re.findall(r"tagged(\d)a tagged\1b tagged\1c", ours)):
        places = [words.index(f"tagged{number}{letter}") for letter in "abc"]
        assert places == sorted(places)


@often
@given(edited(), edited(start=FILLED, mark="tagged"))
def test_merging_again_changes_nothing(theirs: str, ours: str) -> None:
    once = merged(DOCUMENT, theirs, ours)

    assert merged(theirs, theirs, once.text).text == once.text


SECTIONS = re.split(r"(?m)^(?=## )", DOCUMENT)


@often
@given(st.permutations(range(1, 4)), st.data())
def test_edits_of_different_sections_never_conflict(order: list[int], data: st.DataObject) -> None:
    """Whatever is edited below the heads of two sections, the result has both edits, no more."""
    ours, theirs, both = list(SECTIONS), list(SECTIONS), list(SECTIONS)
    for side, at in ((ours, order[0]), (theirs, order[1])):
        head, body = re.fullmatch(r"(.*?-->\n\n)(.*)", SECTIONS[at], re.DOTALL).groups()  # type: ignore[union-attr]
        text = data.draw(edited(start=body, new=PLAIN_LINES))
        side[at] = both[at] = f"{head}{text.strip()}\n\n"

    result = merged(DOCUMENT, "".join(theirs), "".join(ours))

    assert not result.conflict
    assert squeezed(result.text) == squeezed("".join(both))


def squeezed(text: str) -> list[str]:
    """The lines that say something."""
    return [line for line in text.splitlines() if line.strip()]


FILES = st.builds(
    File,
    st.one_of(st.binary(max_size=20), edited().map(str.encode)),
    st.sampled_from([trees.PLAIN, trees.PROGRAM, trees.LINK]),
)
TREES = st.dictionaries(st.sampled_from(["a.md", "b.md", "c.py", "d/e.bin", "d/f.md"]), FILES)


@often
@given(TREES, TREES)
def test_an_untouched_repository_becomes_the_new_tree(
    base: dict[str, File], theirs: dict[str, File]
) -> None:
    result = dict(base)
    for change in trees.merge(base, theirs, base.get):
        assert not change.conflict and not change.left
        result.pop(change.path, None)
        if change.new is not None:
            result[change.path] = change.new

    assert result == theirs


def test_a_renames_file_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(Exception, match="unknown keys"):
        read("section: {}")
    assert read("") == Renames()
