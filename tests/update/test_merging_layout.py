"""Merging documents that a formatter has laid out anew: layout is nobody's edit."""

import pytest

from mlcharter.markdown import document
from mlcharter.update.merging import trees
from mlcharter.update.merging.documents import Merged, merge_one
from mlcharter.update.merging.trees import File

BASE = """\
# Harbour watch

Owner: @acme/harbour

## Errors
<!-- section: errors -->

<!-- Which wrong output hurts most? -->

| Case | Cause |
|---|---|
| none | not known |

A *cause* without a test_case comes back.

* first, name it
* then, test it

- [ ] `errors-named` Each error has a *name*. <!-- from production -->

<!-- config: slices -->
```yaml
- {id: fog, n: 100, alert: null}
- {id: calm, n: 50, alert: null}
```
"""


def changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


# What a formatter makes of it, what the template changes, and what must come out.
CASES = {
    "a blank line below a heading": (
        ("## Errors\n", "## Errors\n\n"),
        ("## Errors\n", "## Faults\n"),
        ("## Errors\n", "## Faults\n\n"),
    ),
    "aligned columns": (
        (
            "| Case | Cause |\n|---|---|\n| none | not known |\n",
            "| Case | Cause     |\n| ---- | --------- |\n| none | not known |\n",
        ),
        ("| none | not known |\n", "| none | not known |\n| a fog bank | no view |\n"),
        (
            "| Case | Cause |\n|---|---|\n| none | not known |\n",
            "| Case       | Cause     |\n| ---------- | --------- |\n"
            "| none       | not known |\n| a fog bank | no view   |\n",
        ),
    ),
    "colons that align a column": (
        ("|---|---|", "|:---|:-:|"),
        ("| Case | Cause |\n", "| Case | Reason |\n"),
        ("| Case | Cause |\n|---|---|", "| Case | Reason |\n|:---|:-:|"),
    ),
    "colons, and a new column": (
        ("|---|---|", "|--:|---|"),
        (
            "| Case | Cause |\n|---|---|\n| none | not known |",
            "| Case | When | Cause |\n|---|---|---|\n| none | never | not known |",
        ),
        (
            "| Case | Cause |\n|---|---|\n| none | not known |",
            "| Case | When | Cause |\n|--:|---|---|\n| none | never | not known |",
        ),
    ),
    "escapes and other emphasis": (
        ("A *cause* without a test_case", "A _cause_ without a test\\_case"),
        ("comes back.", "returns."),
        ("comes back.", "returns."),
    ),
    "other bullets": (
        ("* first, name it\n* then", "-   first, name it\n-   then"),
        ("then, test it", "then, test it twice"),
        (
            "* first, name it\n* then, test it",
            "-   first, name it\n-   then, test it twice",
        ),
    ),
    "a wrapped item": (
        ("has a *name*. <!--", "has a\n  _name_. <!--"),
        ("has a *name*.", "has a name of its own."),
        ("has a *name*.", "has a name of its own."),
    ),
    "braces with blanks": (
        ("{id: fog, n: 100, alert: null}", "{ id: fog, n: 100, alert: null }"),
        ("n: 100, alert: null}", "n: 200, alert: null, wait: null}"),
        ("{id: fog, n: 100, alert: null}", "{ id: fog, n: 200, alert: null, wait: null }"),
    ),
    "braces over lines": (
        (
            "- {id: fog, n: 100, alert: null}",
            "- {\n    id: fog,\n    n: 100,\n    alert: null,\n  }",
        ),
        ("n: 100, alert: null}", "n: 200, alert: null, wait: null}"),
        (
            "- {id: fog, n: 100, alert: null}",
            "- {\n    id: fog,\n    n: 200,\n    alert: null,\n    wait: null,\n  }",
        ),
    ),
    "indented lists in YAML": (
        (
            "- {id: fog, n: 100, alert: null}\n- {id: calm, n: 50, alert: null}\n",
            "  - {id: 'fog', n: 100, alert: null}\n  - {id: calm, n: 50, alert: null}\n",
        ),
        ("n: 50, alert: null}\n", "n: 50, alert: null}\n- {id: gale, n: 9}\n"),
        (
            "- {id: fog, n: 100, alert: null}\n- {id: calm, n: 50, alert: null}\n",
            "  - {id: 'fog', n: 100, alert: null}\n  - {id: calm, n: 50, alert: null}\n"
            "  - {id: gale, n: 9}\n",
        ),
    ),
}


@pytest.mark.field(21, "alignment colons, blank lines, and other layout")
@pytest.mark.parametrize("name", CASES)
def test_changes_of_a_formatter_are_not_edits(name: str) -> None:
    formatter, template, result = (changed(BASE, pair) for pair in CASES[name])
    merged = merge_one(BASE, template, formatter)

    if name == "escapes and other emphasis":
        assert merged == Merged(result, changes=merged.changes)  # the template's paragraph
    else:
        assert merged.text == result
        assert (merged.conflict, merged.notes) == (False, [])


@pytest.mark.field(21, "the team's layout after an update")
@pytest.mark.parametrize("name", CASES)
def test_the_layout_stays_where_the_template_changes_something_else(name: str) -> None:
    formatter = changed(BASE, CASES[name][0])
    theirs, result = (
        changed(text, ("Owner: @acme/harbour", "Owner: @acme/watch")) for text in (BASE, formatter)
    )

    assert merge_one(BASE, theirs, formatter) == Merged(
        result, changes=["Harbour watch: field changed"]
    )


@pytest.mark.parametrize("name", CASES)
def test_a_removed_section_that_only_a_formatter_changed_is_removed(name: str) -> None:
    formatter = changed(BASE, CASES[name][0])
    theirs = BASE[: BASE.index("## Errors")]

    merged = merge_one(BASE, theirs, formatter)

    assert (merged.text.strip(), merged.notes) == (theirs.strip(), [])


ANCHORED = """\
- &fog {id: fog, n: &n 100, alert: null}
- <<: *fog
  id: calm
  n: 50
- {id: haze, n: *n}
"""


@pytest.mark.field(21, "YAML anchors and aliases")
def test_aliases_in_a_config_block_are_expanded_when_the_template_changes_it() -> None:
    ours = changed(
        BASE,
        (
            "- {id: fog, n: 100, alert: null}\n- {id: calm, n: 50, alert: null}\n",
            ANCHORED,
        ),
    )
    theirs = changed(BASE, ("n: 100", "n: 200"))

    merged = merge_one(BASE, theirs, ours)

    assert document.parse(merged.text).configs_of("slices")[0].value == [
        {"id": "fog", "n": 200, "alert": None},
        {"alert": None, "id": "calm", "n": 50},
        {"id": "haze", "n": 100},
    ]
    assert not merged.conflict
    assert merged.notes == ["errors: your YAML aliases are replaced by their values"]


def test_a_block_with_aliases_stays_as_it_is_without_a_change_of_the_template() -> None:
    ours = changed(BASE, ("- {id: calm, n: 50, alert: null}\n", "- &c {id: calm}\n- *c\n"))
    theirs = changed(BASE, ("## Errors", "## Faults"))

    assert merge_one(BASE, theirs, ours).text == changed(ours, ("## Errors", "## Faults"))


# YAML files

HOOKS = """\
repos:
- repo: https://git.acme.example/lint
  rev: v1
  hooks:
  - {id: lint, args: [--fix]}
- repo: https://git.acme.example/types
  rev: v4
  hooks:
  - id: types
"""
FORMATTED = """\
---
repos:
  - repo: https://git.acme.example/lint
    rev: v1
    hooks:
      - { id: lint, args: [--fix] }
      - id: ours  # added here
  - repo: https://git.acme.example/types
    rev: v4
    hooks:
      - id: types
"""


def merged_files(theirs: str, ours: str) -> trees.Change:
    (change,) = trees.merge(
        {"ci.yml": File(HOOKS.encode())},
        {"ci.yml": File(theirs.encode())},
        {"ci.yml": File(ours.encode())}.get,
    )
    return change


@pytest.mark.field(21, "YAML files behind a formatter")
def test_a_yaml_file_behind_a_formatter_merges_by_key() -> None:
    theirs = changed(HOOKS, ("rev: v1", "rev: v2"), ("- id: types", "- id: types\n  - id: more"))

    change = merged_files(theirs, FORMATTED)

    assert change.new is not None and not change.conflict
    assert change.new.text == changed(
        FORMATTED, ("rev: v1", "rev: v2"), ("- id: types", "- id: types\n      - id: more")
    )


def test_a_yaml_value_that_both_changed_is_still_a_conflict() -> None:
    theirs = changed(HOOKS, ("rev: v1", "rev: v2"))

    assert merged_files(theirs, changed(FORMATTED, ("rev: v1", "rev: v3"))).conflict


# Notes


@pytest.mark.field(22, "notes on deleted ids")
def test_a_note_on_a_section_says_that_its_marker_is_gone() -> None:
    ours = changed(BASE, ("## Errors\n<!-- section: errors -->\n", "### Errors\n"))
    theirs = changed(BASE, ("comes back.", "returns."))

    assert merge_one(BASE, theirs, ours).notes == [
        "errors: it is no longer here, so the template's change is not added; "
        "a heading `Errors` has no section marker"
    ]


@pytest.mark.field(22, "notes on deleted ids")
def test_an_item_without_its_id_still_gets_its_new_wording_and_no_note() -> None:
    ours = changed(BASE, ("- [ ] `errors-named` Each", "- [x] Each"))
    theirs = changed(BASE, ("Each error has", "Each known error has"))

    merged = merge_one(BASE, theirs, ours)

    assert merged.text == changed(ours, ("Each error has", "Each known error has"))
    assert merged.notes == []


@pytest.mark.field(22, "notes on moved paragraphs")
def test_a_paragraph_that_is_elsewhere_is_not_called_removed() -> None:
    paragraph = "A *cause* without a test_case comes back.\n\n"
    ours = changed(BASE, (paragraph, ""), ("## Errors", f"{paragraph}## Errors"))
    theirs = changed(BASE, ("comes back.", "returns."))

    assert merge_one(BASE, theirs, ours).notes == [
        "errors: paragraph “A *cause* without a test_case comes …” is no longer here, "
        "so the template's change is not added"
    ]


def test_a_removed_section_without_its_marker_is_removed() -> None:
    base = changed(BASE, ("## Errors", "## Data\n<!-- section: data -->\n\nOurs.\n\n## Errors"))
    ours = changed(base, ("<!-- section: errors -->\n", ""))
    theirs = base[: base.index("## Errors")]

    merged = merge_one(base, theirs, ours)

    assert (merged.text.strip(), merged.notes) == (theirs.strip(), [])
    assert merged.changes == ["errors: removed"]


@pytest.mark.field(22, "plurals in notes")
def test_several_changes_of_one_kind_are_counted_in_plain_english() -> None:
    theirs = changed(
        BASE,
        ("first, name it", "first, name it aloud"),
        ("then, test it", "then, test it twice"),
        ("- [ ] `errors", "### One\n\n### Two\n\n- [ ] `errors"),
    )

    assert merge_one(BASE, theirs, BASE).changes == [
        "errors: 2 subheadings new, 2 list entries changed"
    ]


@pytest.mark.field(21, "a blank line between a heading and its marker")
def test_a_marker_below_a_blank_line_is_the_marker_of_its_section() -> None:
    apart = document.parse(changed(BASE, ("## Errors\n", "## Errors\n\n")))

    assert [(section.id, section.heading) for section in apart.sections] == [
        (None, "Harbour watch"),
        ("errors", "Errors"),
    ]
    assert [item.id for item in apart.sections[1].items] == ["errors-named"]
