"""The page docs/precision.md is what `make precision` writes, and each finding has a judgement.

Every kind of finding has a judgement, and no rule is wrong often.
Here two adopted repositories and every tenth edit of one example are measured.
"""

import re
from collections import Counter
from random import Random

import precision
import pytest
from harmless_edits import EDITS
from precision import PAGE, Kind, Source

from mlcharter.markdown import document


@pytest.fixture
def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_page_is_in_the_form_that_the_command_writes(text: str) -> None:
    assert precision.page(Source.read(text), Kind.read(text)) == text


def test_the_page_has_every_judgement_and_no_other(text: str) -> None:
    listed = {(k.rule, k.source, k.message, k.judged, k.reason) for k in Kind.read(text)}

    assert listed == {
        (one.rule, one.source, one.message, one.judged, one.reason)
        for one in precision.judgements()
    }


def test_every_judgement_says_true_or_false_and_why() -> None:
    known = precision.judgements()

    assert {one.judged for one in known} <= {"true", "false"}
    assert [one for one in known if len(one.reason) < 20] == []


def test_the_page_has_every_edit_and_both_kinds_of_adoption(text: str) -> None:
    assert {row.source for row in Source.read(text)} == {*EDITS, *precision.TIERS}


def test_no_rule_that_fails_a_level_is_often_wrong(text: str) -> None:
    assert precision.imprecise(Kind.read(text)) == []


@pytest.mark.parametrize("only", ["google/dopamine", "run-llama/sec-insights", "rl"])
def test_findings_of_a_part_are_those_that_were_judged(only: str) -> None:
    outcome = precision.Outcome(Counter(), Counter())
    if only == "rl":
        precision.edited(precision.Example("rl"), outcome, sample=10)
    else:
        outcome = precision.measure(only)

    _, _, unjudged = precision.rows(outcome, precision.judgements())

    assert outcome.tried.total() >= 2
    assert unjudged == []


def test_a_kind_that_nobody_judged_is_named() -> None:
    outcome = precision.Outcome(Counter(), Counter())
    outcome.add("adopted", [("field-empty", 'a new message about `x` and "y" in 3 places')])

    assert precision.rows(outcome, []) == (
        [Source("adopted", 1, 1)],
        [],
        [("adopted", "field-empty", "a new message about … and … in 0 places")],
    )


def test_a_rule_that_is_wrong_once_in_ten_is_imprecise_unless_it_is_a_note() -> None:
    def kinds(rule: str) -> list[Kind]:
        rows = [("true", 9), ("false", 1)]
        return [Kind(rule, "adopted", n, judged, "m", "r") for judged, n in rows]

    assert precision.imprecise(kinds("link-broken")) == ["link-broken"]
    assert precision.imprecise(kinds("template-outdated")) == []


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_keeps_ids_config_values_and_items(name: str) -> None:
    path = "docs/eval_pack.md"
    before = (precision.ROOT / "examples/rag" / path).read_text(encoding="utf-8")
    after = EDITS[name](before, Random(name))

    old, new = document.parse(before, path), document.parse(after, path)
    assert sorted(s.id or "" for s in old.sections) == sorted(s.id or "" for s in new.sections)
    assert sorted(i.id or "" for i in old.items) == sorted(i.id or "" for i in new.items)
    for kind in {config.kind for config in old.configs}:
        one, two = (
            [config.value for config in read.configs if config.kind == kind] for read in (old, new)
        )
        assert sorted(map(values, one)) == sorted(map(values, two))


def values(value: object) -> list[str]:
    """Return the words of a value in alphabetical order."""
    return sorted(re.findall(r"[^\s,{}\[\]']+", str(value)))
