"""Which tools there are: the charter has their limits, a file what a model is told of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ... import digests
from ...parsing import parsed

CHECKLIST, DESCRIBED = Path("safety/safety_checklist.md"), Path("data/rag/tools.json")
BLOCK = re.compile(r"^<!-- config: tools -->\n```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and value > 0


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


FIELDS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("read_only", "destructive", "idempotent"), _is_flag),
    **dict.fromkeys(("timeout_s", "per_minute"), _is_positive),
    "scopes": lambda value: bool(value) and _is_list(value),
    "egress": _is_list,
    "approval": lambda value: value in ("none", "policy", "human"),
}


@dataclass(frozen=True)
class Rule:
    """A tool: its row in the safety checklist, and its description and JSON Schema."""

    id: str
    scopes: frozenset[str]
    approval: str  # none | policy | human
    read_only: bool
    idempotent: bool
    timeout_s: float
    per_minute: float
    hosts: frozenset[str]
    name: str  # that of an MCP server, else the id
    description: str
    schema: dict[str, Any]
    cost: float

    @property
    def pin(self) -> str:
        """The digest of what a model is told: reviewed text, which no server may change."""
        return pin(self.name, self.description, self.schema)


def pin(name: str, description: str, schema: Mapping[str, Any]) -> str:
    """Return the digest of what is told of a tool."""
    return digests.sha256([name, description, schema])


def read_rules(checklist: Path = CHECKLIST, described: Path = DESCRIBED) -> dict[str, Rule]:
    """Return the tools by id; ValueError if one is not in both files, or not filled in."""
    blocks = BLOCK.findall(checklist.read_text(encoding="utf-8"))
    rows = [row for block in blocks for row in yaml.safe_load(block) or []]
    limits = {row["id"]: row for row in rows}
    texts = {row["id"]: row for row in parsed(described.read_bytes())}
    if odd := sorted(map(str, limits.keys() ^ texts.keys())):
        raise ValueError(f"{', '.join(odd)}: not in both {checklist} and {described}")
    if len(rows) > len(limits):
        raise ValueError(f"a tool is in {checklist} twice")
    return {name: _rule(limits[name], texts[name]) for name in limits}


def _rule(row: Mapping[str, Any], text: Mapping[str, Any]) -> Rule:
    tool = f"the tool {row['id']}"
    for key, fits in FIELDS.items():
        if not fits(row.get(key)):
            raise ValueError(f"{tool} has no valid `{key}` in the safety checklist")
    if "na" in row:
        raise ValueError(f"{tool} is not in use; remove it")
    if row["destructive"] and row["approval"] != "human":
        raise ValueError(f"{tool} is destructive, so a person must approve it")
    if text["schema"].get("type") != "object" or not text["cost"] >= 0:
        raise ValueError(f"{tool} needs a schema of type object, and a cost")
    return Rule(
        id=row["id"],
        scopes=frozenset(row["scopes"]),
        approval=row["approval"],
        read_only=row["read_only"],
        idempotent=row["idempotent"],
        timeout_s=float(row["timeout_s"]),
        per_minute=float(row["per_minute"]),
        hosts=frozenset(row["egress"]),
        name=text.get("name", row["id"]),
        description=text["description"],
        schema=text["schema"],
        cost=float(text["cost"]),
    )


def close(schema: Any) -> Any:
    """Return a schema in which no object takes a property that it does not name."""
    if isinstance(schema, list):
        return [close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if not str(schema.get("$ref", "#")).startswith("#"):
        raise ValueError("a schema of a tool refers to another file")
    closed = {key: close(part) for key, part in schema.items()}
    is_object = "object" in str(schema.get("type")) or isinstance(schema.get("properties"), dict)
    if is_object and closed.get("additionalProperties", True) in (True, {}):
        closed["additionalProperties"] = False
    return closed
