"""The terms of the charter: each has a definition, and its example is valid."""

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

TERMS = plugins.load(pages.TERMS)
# The terms in findings and messages.
USED = (
    "track document supporting-document section guidance placeholder config-block item evidence "
    "digest stale-evidence waiver allow tier level settings standard release baseline charter gate "
    "report scores bound rule finding answers"
)
# An example is a part of a document, so these rules have findings in it.
PARTIAL = {
    *("field-empty", "evidence-missing", "allow-unused", "owner-unknown"),
    *("alert-unknown", "reference-unknown", "registry-ref-unknown"),
}


def shown(term: str) -> str:
    (example,) = rule.parts(TERMS[term].__doc__ or "")[2]
    return example.text


def read(term: str) -> Document:
    return document.parse(shown(term), "docs/design_doc.md")


@pytest.mark.parametrize("term", USED.split())
def test_a_term_in_messages_is_explained(term: str) -> None:
    page = pages.explain(term)

    assert page.startswith(f"{term}: ")


@pytest.mark.parametrize("term", TERMS)
def test_other_names_of_a_term_show_the_same_page(term: str) -> None:
    for other in getattr(TERMS[term], "ALSO", ()):
        assert pages.explain(other).startswith(pages.explain(term))


def test_a_plural_shows_the_page_of_the_singular() -> None:
    assert pages.explain("Waivers") == pages.explain("waiver")


@pytest.mark.parametrize("term", TERMS)
def test_a_term_has_a_sentence_and_a_text_and_names_only_what_exists(term: str) -> None:
    title, text, _ = rule.parts(TERMS[term].__doc__ or "")

    assert title.endswith((".", "`."))
    assert len(text.split()) > 15
    named = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", f"{title} {text}")
    assert [name for name in named if not pages.explain(name)] == []


def charter(root: Path, term: str) -> Charter:
    return examples.charter(root, shown(term))


@pytest.mark.parametrize(
    "term", [term for term, module in TERMS.items() if "\nExample:\n" in (module.__doc__ or "")]
)
def test_no_rule_finds_anything_in_an_example(term: str, tmp_path: Path) -> None:
    modules = engine.load([name for name in rule.names() if name not in PARTIAL])
    found = engine.findings(charter(tmp_path, term), modules)
    first = [f for f in found if modules[f.rule].LEVEL == "draft" or f.rule.startswith("config-")]

    assert examples.lines(first) == ""


def test_the_examples_of_items_have_the_values_that_they_show() -> None:
    (waived,) = read("waiver").items
    assert waived.waiver is not None
    assert (waived.waiver.until, waived.waiver.by) == (date(2027, 1, 31), "@lead")
    assert waived.waiver.reason == "labels arrive in January."
    logged, addressed = read("evidence").items
    assert [proof.digest for proof in logged.evidence] == ["50a725502dd140ea"]
    assert addressed.evidence[0].target == "https://ci.acme.example/4711"
    assert read("digest").items[0].evidence == logged.evidence
    assert [(item.id, item.ticked) for item in read("item").items] == [("slice-gates", False)]


def test_the_examples_of_sections_have_the_values_that_they_show() -> None:
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
    for n, term in enumerate(("allow", "level", "settings")):
        opened = charter(tmp_path / str(n), term)
        assert opened.settings.problems == ()
        assert opened.settings.own.settings != type(opened.settings.own.settings)()
    assert charter(tmp_path / "baseline", "baseline").baseline.owner == "@lead"
    assert len(charter(tmp_path / "gate", "gate").entries("gates")) == 1
    (waived,) = charter(tmp_path / "waiver", "waiver").every("constraints")
    assert waived.is_waived(examples.TODAY)


def test_every_key_of_a_settings_and_a_report_is_shown_with_its_type() -> None:
    """Below two levels, a list or mapping is shown by its type only."""
    combined, reports = pages.explain("settings"), pages.explain("report")

    assert all(f"\n    {key}: " in combined for key in settings.SettingsFile.__struct_fields__)
    assert "\n      - rule:            # non-empty text\n        path: " in combined
    assert "\n      - metric:     # an id" in reports
    assert "# a commit of 40 or 64 hex digits or null\n" in reports
    assert "# a value" not in combined + reports


def test_a_mistyped_term_is_suggested() -> None:
    assert nearest("wavier", TERMS) == ["waiver"]
