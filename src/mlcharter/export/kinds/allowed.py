"""The hosts that code may reach: those of `egress`.

The rag track loads it at run time; without the file it reaches no host. What a tool may do, the
gate of tools reads from the config block `tools` itself. Hosts of a starter do not exist.
"""

import json
from typing import Any

import msgspec

from mlcharter.charter.charter import Charter
from mlcharter.formats.models import OF_EVERY_ENTRY

PATHS = ("safety/allowed.json",)
SOURCES = ("egress",)
_FOR_PEOPLE = {*OF_EVERY_ENTRY, "owner", "reason", "used_by"}


def render(charter: Charter) -> dict[str, str]:
    """Return the hosts as JSON with a line an entry; nothing if none is allowed."""
    rows = [
        _strip(msgspec.to_builtins(entry.value))
        for entry in charter.every("egress")
        if not entry.value.starter
    ]
    if not rows:
        return {}
    lines = ",".join(f"\n    {json.dumps(row)}" for row in rows)
    return {PATHS[0]: f'{{\n  "hosts": [{lines}\n  ]\n}}\n'}


def _strip(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in row if key not in _FOR_PEOPLE}
