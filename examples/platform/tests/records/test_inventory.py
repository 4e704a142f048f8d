"""Inventory, cards, datasets and SBOM name the same things under the same licences."""

import re
from typing import Any

import pytest

from tests.records import block, components, entries, members, read

DIGITS = "docs/cards/data.md"
CHECKLIST = "safety/safety_checklist.md"


def choices(part: dict[str, Any]) -> list[set[str]]:
    """The licences of a component: all of one of these sets apply."""
    [one] = part["licenses"]
    text = one.get("expression") or one["license"]["id"]
    return [set(choice.split(" AND ")) for choice in text.split(" OR ")]


def assets() -> set[str]:
    section = read("safety/licences.md").partition("<!-- section: licence-inventory -->")[2]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return {name for line in lines for name in re.findall(r"`([^`]+)`", line.split("|")[1])}


def test_the_inventory_has_the_datasets_and_the_models_and_nothing_else() -> None:
    datasets = {one["id"] for one in entries("docs/eval_pack.md", "datasets")}
    refs = [one["ref"] for one in entries("versioning/registries.md", "registry")]
    models = {ref.partition("/")[2].partition("@")[0] for ref in refs if ref.startswith("model/")}
    assert assets() == datasets | models | {"python:3.12-slim-bookworm"}


@pytest.mark.parametrize("part", components("library"), ids=lambda part: str(part["name"]))
def test_every_package_has_a_licence_that_is_allowed(part: dict[str, Any]) -> None:
    rule = block(CHECKLIST, "licences")
    assert any(choice <= set(rule["allow"]) for choice in choices(part))
    assert not any(choice & set(rule["deny"]) for choice in choices(part))


def test_non_commercial_and_share_alike_are_denied_or_not_allowed() -> None:
    rule = block(CHECKLIST, "licences")
    assert rule["commercial_use"] is True
    assert {one for one in rule["deny"] if "-NC-" in one}
    assert not [one for one in rule["allow"] if "-NC" in one or "-SA" in one or "ODbL" in one]


def test_the_card_has_the_digest_the_rows_and_the_licence_of_the_eval_pack() -> None:
    [digits] = [one for one in entries("docs/eval_pack.md", "datasets") if one["id"] == "digits"]
    card = read(DIGITS)
    assert digits["card"] == DIGITS
    assert digits["sha256"] in card
    assert f"{digits['rows']:,} pictures" in card
    assert "CC BY 4.0" in card
    assert digits["licence"] == "CC-BY-4.0"
    assert "| synthetic share, generator and version | 0 |" in card
    assert digits["synthetic"] == 0


def test_the_model_card_names_the_model_of_the_release() -> None:
    [model] = [ref for ref in members() if ref.startswith("model/")]
    assert f"`{model}`" in read("docs/cards/model.md")
