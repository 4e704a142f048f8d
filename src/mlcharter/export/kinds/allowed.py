"""What code may use: the hosts of `egress`, and the tools of `tools` with their scopes.

The rag track loads it at run time; without the file it reaches no host, and no tool may be called.
"""

import json
from typing import Any

import msgspec

from mlcharter.charter.charter import Charter
from mlcharter.formats.models import OF_EVERY_ENTRY

PATHS = ("safety/allowed.json",)
SOURCES = ("egress", "tools")
_FOR_PEOPLE = {*OF_EVERY_ENTRY, "owner", "reason", "used_by"}


def render(charter: Charter) -> dict[str, str]:
    """Return the hosts and tools as JSON with a line an entry; nothing if nothing is allowed."""
    lists = {"hosts": _list(charter, "egress"), "tools": _list(charter, "tools")}
    if not any(lists.values()):
        return {}
    return {PATHS[0]: "{\n" + ",\n".join(_dump(key, rows) for key, rows in lists.items()) + "\n}\n"}


def _list(charter: Charter, kind: str) -> list[dict[str, Any]]:
    found = [msgspec.to_builtins(entry.value) for entry in charter.every(kind)]
    return [{key: row[key] for key in row if key not in _FOR_PEOPLE} for row in found]


def _dump(key: str, rows: list[dict[str, Any]]) -> str:
    lines = ",".join(f"\n    {json.dumps(row)}" for row in rows)
    return f'  "{key}": [{lines}\n  ]' if lines else f'  "{key}": []'
