"""Every field of a config block and of the settings says in which direction it gets weaker."""

from typing import Any, get_args

import pytest
from msgspec import Struct

from mlcharter.charter import config_entries
from mlcharter.charter.settings import WEAKER, SettingsFile

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
