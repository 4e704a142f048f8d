"""Each rule flags its flagged examples and leaves its fine ones alone."""

from pathlib import Path

import pytest

import examples
from mlcharter.check import engine, rule
from mlcharter.support import plugins

RULES = {name: rule.describe(name) for name in rule.names()}
LINKS = pytest.mark.field(9, "links that lead somewhere, and links that don't")
CASES = [
    pytest.param(
        name,
        example,
        id=f"{name}-{example.kind.lower()}-{number}",
        marks=[LINKS] if name == "link-broken" else [],
    )
    for name, described in RULES.items()
    for number, example in enumerate(described.examples)
    if example.kind != "Template"
]


@pytest.mark.parametrize(("name", "example"), CASES)
def test_an_example_has_the_finding_that_it_shows(
    tmp_path: Path, name: str, example: rule.Example
) -> None:
    charter = examples.charter(tmp_path, example.text, examples.template(RULES[name]))

    found = examples.lines(engine.findings(charter, engine.load([name])))

    if example.kind == "Flagged":
        assert found, "nothing was found in an example that is flagged"
    else:
        assert found == ""


@pytest.mark.parametrize("described", RULES.values(), ids=list(RULES))
def test_a_rule_has_a_reason_a_level_and_both_examples(described: rule.Rule) -> None:
    assert described.title.endswith(".")
    assert described.reason
    assert described.level in ("draft", "complete", "release", "note")
    assert {"Flagged", "Fine"} <= {example.kind for example in described.examples}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_one_check(name: str) -> None:
    module = plugins.load_one(rule.PACKAGE, name)

    assert hasattr(module, "check") != hasattr(module, "check_all")
