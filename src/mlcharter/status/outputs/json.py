"""One JSON object, version 1, for programs; schemas/status.json describes it."""

import msgspec

from mlcharter.status.progress import Progress
from mlcharter.support.plain import as_json


def render(progress: Progress) -> str:
    return as_json(msgspec.to_builtins(progress))
