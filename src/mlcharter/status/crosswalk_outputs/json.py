"""One JSON object, version 1, for programs; schemas/crosswalk.json describes it."""

import msgspec

from mlcharter.status.crosswalks import CrosswalkStatus
from mlcharter.support.plain import as_json


def render(status: CrosswalkStatus) -> str:
    return as_json(msgspec.to_builtins(status))
