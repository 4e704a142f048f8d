"""One JSON object, version 1, for programs."""

from msgspec import to_builtins

from mlcharter.fleet.reporting import Fleet
from mlcharter.support.plain import as_json


def render(fleet: Fleet) -> str:
    return as_json(to_builtins(fleet))
