"""Every field of a config block and of the settings says in which direction it gets weaker."""

# ruff: noqa: E501 (a row of a table is one line)

import datetime
from typing import Any, get_args

import msgspec
import pytest
from msgspec import Struct

from mlcharter.charter import config_entries
from mlcharter.charter.settings import WEAKER, SettingsFile
from mlcharter.formats import directions

MODELS = [(kind, config_entries.entry_model(kind)) for kind in config_entries.kinds()]


def missing(model: Any, weaker: Any) -> set[str]:
    """Return the fields, also of parts, without a direction, and directions without a field."""
    fields = set(model.__struct_fields__)
    found = (fields ^ set(weaker)) - {"*"}
    for name in fields & set(weaker):
        for part in parts(model.__annotations__.get(name)):
            if isinstance(weaker[name], dict):
                found |= {f"{name}.{inner}" for inner in missing(part, weaker[name])}
            else:
                found.add(f"{name} has parts, but no table")
    return found


def parts(annotation: Any) -> list[type[Struct]]:
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return [annotation]
    return [part for inner in get_args(annotation) for part in parts(inner)]


@pytest.mark.parametrize(("kind", "model"), MODELS, ids=[kind for kind, _ in MODELS])
def test_each_field_of_a_config_block_has_a_direction(kind: str, model: Any) -> None:
    assert missing(model, config_entries.weaker(kind)) == set()
    assert "*" in config_entries.weaker(kind)


def test_each_setting_has_a_direction() -> None:
    assert missing(SettingsFile, WEAKER) == set()


def neutral_fields(weaker: Any) -> set[str]:
    """Return the fields whose change says nothing, but for the name that an entry is found by."""
    inner = {
        name
        for value in weaker.values()
        if isinstance(value, dict)
        for name in neutral_fields(value)
    }
    return {name for name, value in weaker.items() if value == directions.TEXT} | inner


def test_only_prose_that_nothing_compares_is_neutral() -> None:
    tables = {kind: config_entries.weaker(kind) for kind in config_entries.kinds()}
    found = {kind: neutral_fields(weaker) for kind, weaker in (*tables.items(), ("", WEAKER))}

    assert {kind: fields for kind, fields in found.items() if fields} == {
        "gates": {"rationale"},
        "slos": {"description"},
    }


DAY = datetime.date(2026, 12, 1)
SIGNING = {
    "envelope": "dsse",
    "statement": "in-toto-v1",
    "algorithm": "ed25519",
    "threshold": 1,
    "min_sequence": 1,
    "revoked": [],
}
LICENCES = {"commercial_use": True, "allow": ["MIT"], "deny": []}
KEY = {"id": "main", "purpose": "release", "not_before": DAY, "not_after": DAY}
EXCEPTION = {
    "name": "left-pad",
    "licence": "GPL-3.0",
    "use": "tests",
    "approved_by": "@a",
    "until": DAY,
}
HIGH = {
    "role": "provider",
    "risk": "high",
    "annex_iii": None,
    "assessment": "docs/a.md",
    "oversight": "the duty",
    "duties": [],
    "checked_on": DAY,
    "checked_by": "@a",
}

# The kind of a config block, an entry before and after, and the class of each change.
CHANGES: list[tuple[str, Any, Any, list[str]]] = [
    ("signing", SIGNING | {"keys": [KEY]}, SIGNING | {"keys": [KEY | {"id": "mine"}]}, ["weakens"]),
    ("licences", LICENCES | {"exceptions": [EXCEPTION]}, LICENCES | {"exceptions": [EXCEPTION | {"name": "agpl"}]}, ["weakens"]),
    ("regulatory", HIGH, HIGH | {"assessment": "docs/b.md"}, ["needs a person"]),
    ("regulatory", HIGH, HIGH | {"oversight": "nobody"}, ["needs a person"]),
    ("regulatory", HIGH, HIGH | {"assessment": None}, ["weakens"]),
    ("regulatory", HIGH | {"oversight": None}, HIGH, ["tightens"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "before", "after", "classes"), CHANGES)
def test_a_change_of_an_entry_has_a_class(
    kind: str, before: Any, after: Any, classes: list[str]
) -> None:
    model: Any = config_entries.entry_model(kind)
    old, new = (msgspec.convert(value, model) for value in (before, after))

    changes = directions.compare(config_entries.weaker(kind), old, new)
    assert [change.kind for change in changes] == classes


def test_an_entry_that_is_removed_from_others_with_its_name_is_the_one_that_is_gone() -> None:
    model: Any = config_entries.entry_model("pii_map")
    field = {"field": "*", "category": "none", "purpose": None, "basis": None, "retention_days": None, "redaction": "none", "region": None}  # fmt: skip
    old = [msgspec.convert(field | {"dataset": name}, model) for name in ("one", "two", "three")]

    changes = list(directions.compare_entries(config_entries.weaker("pii_map"), old, old[1:]))
    assert [(change.kind, change.before, change.after) for change in changes] == [
        ("weakens", old[0], None)
    ]
