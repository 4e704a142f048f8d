"""Mistakes in config blocks are reported with a message at their position."""

import datetime

import pytest

from mlcharter.charter import config_entries
from mlcharter.charter.config_entries import Reading
from mlcharter.formats import model_errors
from mlcharter.markdown import document

GATE = """\
- id: auc-overall
  metric: auc
  dataset: wdbc
  slice: all
  op: ">="
  threshold: 0.95
  bound: lower95
  min_n: 100
  on_fail: block
  decided_on: 2026-11-02
  rationale: below this the review queue doubles
"""


def read(yaml: str, kind: str = "gates") -> Reading:
    text = f"# Pack\n\n<!-- config: {kind} -->\n```yaml\n{yaml}```\n"
    (config,) = document.parse(text, "docs/eval_pack.md").configs
    return config_entries.read(config)


def problem(yaml: str, kind: str = "gates") -> str:
    (finding,) = read(yaml, kind).problems
    return f"{finding.line}:{finding.column}: {finding.message}"


def test_a_valid_entry_is_typed_and_has_its_position() -> None:
    (entry,) = read(GATE).entries

    assert entry.value.threshold == 0.95
    assert entry.value.decided_on == datetime.date(2026, 11, 2)
    found = entry.finding("too low", "threshold")
    assert (found.path, found.line, found.column) == ("docs/eval_pack.md", 10, 14)


CASES = {
    "a key that nobody knows": (
        GATE.replace("bound:", "bond:"),
        '11:3: `gates` "auc-overall" has no key `bond`; did you mean `bound`?',
    ),
    "a key that is missing": (
        GATE.replace("  bound: lower95\n", ""),
        '5:3: `gates` "auc-overall" has no `bound`; give one of lower95, point, upper95',
    ),
    "a value that is empty": (
        GATE.replace("0.95", "null"),
        '10:14: `gates` "auc-overall" has an empty `threshold`; give a number',
    ),
    "text for a number": (
        GATE.replace("0.95", '"0.95"'),
        '10:14: `gates` "auc-overall" has `0.95` as `threshold`; give a number',
    ),
    "a number out of range": (
        GATE.replace("min_n: 100", "min_n: 0"),
        '12:10: `gates` "auc-overall" has `0` as `min_n`; give a whole number above 0',
    ),
    "half a row": (
        GATE.replace("min_n: 100", "min_n: 1.5"),
        '12:10: `gates` "auc-overall" has `1.5` as `min_n`; give a whole number above 0',
    ),
    "a word that is none of the choices": (
        GATE.replace("block", "blok"),
        '13:12: `gates` "auc-overall" has `blok` as `on_fail`; give one of block, warn',
    ),
    "an id with a capital": (
        GATE.replace("metric: auc", "metric: AUC"),
        '6:11: `gates` "auc-overall" has `AUC` as `metric`; '
        "give an id of lower-case letters, digits and hyphens",
    ),
    "a day that is none": (
        GATE.replace("2026-11-02", "november"),
        '14:15: `gates` "auc-overall" has `november` as `decided_on`; '
        "give a date such as 2026-11-23",
    ),
    "an entry that is a word": ("- auc-overall\n", "5:3: `gates`: entry 1"),
    "a mapping for a list": ("id: a\n", "5:1: `gates` is a list of entries; begin each with `- `"),
    "a waiver without an end": (
        GATE + "  waived: {by: '@x', reason: y}\n",
        '16:11: `gates` "auc-overall" has no `until` in `waived`; give a date such as 2026-11-23',
    ),
    "an entry that was begun by nobody": (
        GATE + "- id: null\n",
        "16:3: `gates` has an entry that is not filled in; fill it in or remove it",
    ),
}


@pytest.mark.parametrize(("yaml", "message"), CASES.values(), ids=list(CASES))
def test_a_mistake_is_reported_at_its_position(yaml: str, message: str) -> None:
    assert problem(yaml).startswith(message)


def test_every_mistake_of_an_entry_is_reported() -> None:
    wrong = GATE.replace("bound:", "bond:").replace("0.95", "high").replace("  slice: all\n", "")

    assert [f"{found.line}:{found.column}: {found.message}" for found in read(wrong).problems] == [
        '9:14: `gates` "auc-overall" has `high` as `threshold`; give a number',
        '10:3: `gates` "auc-overall" has no key `bond`; did you mean `bound`?',
        '5:3: `gates` "auc-overall" has no `slice`; '
        "give an id of lower-case letters, digits and hyphens",
    ]


def test_valid_entries_are_read_beside_an_invalid_one() -> None:
    twice = GATE + GATE.replace("auc-overall", "auc-worst").replace("0.95", "high")
    found = read(twice)

    assert [entry.value.id for entry in found.entries] == ["auc-overall"]
    assert len(found.problems) == 1


def test_a_block_of_nulls_is_blank_and_an_empty_list_is_a_value() -> None:
    assert read("- id: null\n  metric: null\n").blank
    assert read("rto: null\n", "dr").blank
    assert read("").blank
    decided = read("[]\n")
    assert not decided.blank
    assert decided.entries == ()


def test_an_entry_is_waived_until_its_date() -> None:
    (entry,) = read(GATE + "  waived: {until: 2026-12-31, by: '@x', reason: no traffic}\n").entries

    assert entry.is_waived(datetime.date(2026, 12, 31))
    assert not entry.is_waived(datetime.date(2027, 1, 1))


@pytest.mark.parametrize("kind", config_entries.kinds())
def test_every_key_of_every_kind_is_explained(kind: str) -> None:
    keys = model_errors.describe_keys(config_entries.entry_model(kind))

    assert list(keys)[-2:] == ["waived", "starter"]
    assert all(words and "^" not in words for words in keys.values()), keys
