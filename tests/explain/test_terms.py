"""The words of the charter: each is explained, with an example that is read as what it shows."""

import re
from datetime import date
from pathlib import Path

import pytest

import examples
from mlcharter.charter import settings
from mlcharter.charter.charter import Charter
from mlcharter.check import engine, rule
from mlcharter.explain import pages
from mlcharter.markdown import document
from mlcharter.markdown.document import PLACEHOLDER, Document
from mlcharter.support import plugins
from mlcharter.support.nearest import nearest

WORDS = plugins.load(pages.WORDS)
# Those of DESIGN's table, and those that findings and messages use beside them.
USED = (
    "track document supporting-document section guidance placeholder config-block item evidence "
    "digest stale-evidence waiver allow tier level settings standard release baseline charter gate "
    "report bound rule finding answers"
)
# An example is a part of a document, so it lacks what stands round it.
PARTIAL = {
    *("field-empty", "evidence-missing", "allow-unused", "owner-unknown"),
    *("alert-unknown", "reference-unknown", "registry-ref-unknown"),
}


def shown(word: str) -> str:
    (example,) = rule.parts(WORDS[word].__doc__ or "")[2]
    return example.text


def read(word: str) -> Document:
    return document.parse(shown(word), "docs/design_doc.md")


@pytest.mark.parametrize("word", USED.split())
def test_a_word_that_messages_use_is_explained(word: str) -> None:
    page = pages.explained(word)

    assert page.startswith(f"{word}: ")


@pytest.mark.parametrize("word", WORDS)
def test_other_words_for_it_lead_to_it(word: str) -> None:
    for other in getattr(WORDS[word], "ALSO", ()):
        assert pages.explained(other).startswith(pages.explained(word))


def test_several_of_them_are_explained_as_one() -> None:
    assert pages.explained("Waivers") == pages.explained("waiver")


@pytest.mark.parametrize("word", WORDS)
def test_a_word_has_a_sentence_and_a_text_and_names_only_what_is_there(word: str) -> None:
    title, text, _ = rule.parts(WORDS[word].__doc__ or "")

    assert title.endswith((".", "`."))
    assert len(text.split()) > 15
    named = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", f"{title} {text}")
    assert [name for name in named if not pages.explained(name)] == []


def charter(root: Path, word: str) -> Charter:
    return examples.charter(root, shown(word))


@pytest.mark.parametrize(
    "word", [word for word, module in WORDS.items() if "\nExample:\n" in (module.__doc__ or "")]
)
def test_no_rule_of_every_level_finds_anything_in_an_example(word: str, tmp_path: Path) -> None:
    modules = engine.load([name for name in rule.names() if name not in PARTIAL])
    found = engine.findings(charter(tmp_path, word), modules)
    first = [f for f in found if modules[f.rule].LEVEL == "draft" or f.rule.startswith("config-")]

    assert examples.lines(first) == ""


def test_the_examples_of_items_are_read_as_what_they_show() -> None:
    (waived,) = read("waiver").items
    assert waived.waiver is not None
    assert (waived.waiver.until, waived.waiver.by) == (date(2027, 1, 31), "@lead")
    assert waived.waiver.reason == "labels arrive in January."
    logged, addressed = read("evidence").items
    assert [proof.digest for proof in logged.evidence] == ["50a725502dd140ea"]
    assert addressed.evidence[0].target == "https://ci.acme.example/4711"
    assert read("digest").items[0].evidence == logged.evidence
    assert [(item.id, item.ticked) for item in read("item").items] == [("slice-gates", False)]


def test_the_examples_of_sections_are_read_as_what_they_show() -> None:
    unfilled = read("placeholder").section("kill-criteria")
    filled = read("guidance").section("problem")
    fields = read("field")

    assert unfilled is not None and filled is not None
    assert [b.kind for b in unfilled.blocks if b.kind == "placeholder"] == ["placeholder"]
    assert PLACEHOLDER in shown("placeholder")
    assert [b.kind for b in filled.blocks if b.kind in ("guidance", "paragraph")] == [
        "guidance",
        "paragraph",
    ]
    assert read("section").section("ci-gates") is not None
    assert [fields.field(name) is not None for name in ("Owner", "Reviewed")] == [True, True]


def test_the_examples_of_settings_and_config_blocks_are_valid(tmp_path: Path) -> None:
    for n, word in enumerate(("allow", "level", "settings")):
        held = charter(tmp_path / str(n), word)
        assert held.settings.problems == ()
        assert held.settings.own.settings != type(held.settings.own.settings)()
    assert charter(tmp_path / "baseline", "baseline").baseline.owner == "@lead"
    assert len(charter(tmp_path / "gate", "gate").entries("gates")) == 1
    (excused,) = charter(tmp_path / "waiver", "waiver").every("constraints")
    assert excused.excused(examples.TODAY)


def test_every_key_of_a_settings_and_a_report_is_shown_with_what_it_takes() -> None:
    """Deeper than two levels, a list or mapping is only named."""
    combined, reports = pages.explained("settings"), pages.explained("report")

    assert all(f"\n    {key}: " in combined for key in settings.SettingsFile.__struct_fields__)
    assert "\n      - rule:          # non-empty text\n        path: " in combined
    assert "\n      - metric:     # an id" in reports
    assert "# a commit of 40 or 64 hex digits or null\n" in reports
    assert "# a value" not in combined + reports


def test_a_slip_in_a_word_finds_the_word() -> None:
    assert nearest("wavier", WORDS) == ["waiver"]
