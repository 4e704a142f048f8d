"""A gate with three tools, whose functions note what they did."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from system.rag.tools import Context, Gate, Ledger, Rule, Session, read_rules

SCOPES = frozenset(["handbook:read", "tides:read", "notices:write", "berths:write"])
NOTICE = {"text": "Fog in the fairway."}


def row(name: str, **changes: Any) -> dict[str, Any]:
    """Return a row of the config block `tools`, of a tool that writes and needs no approval."""
    flags = {"read_only": False, "destructive": False, "idempotent": False, "approval": "none"}
    return {
        **{
            "id": name,
            "scopes": ["notices:write"],
            "timeout_s": 2,
            "per_minute": 100,
            "egress": [],
        },
        **{**flags, **changes},
    }


ROWS = [
    row("find-passages", read_only=True, idempotent=True, scopes=["handbook:read"]),
    row("fetch-tides", read_only=True, idempotent=True, egress=["tides.hallorn.example"]),
    row("send-notice", destructive=True, approval="human"),
    row("log-berth"),
    row("set-berth", idempotent=True),
]
ARGUMENTS: dict[str, dict[str, Any]] = {
    "find-passages": {"question": {"type": "string", "maxLength": 500}},
    "fetch-tides": {"url": {"type": "string"}},
    "send-notice": {"text": {"type": "string"}},
    "log-berth": {"berth": {"type": "integer"}, "note": {"type": "object"}},
    "set-berth": {"berth": {"type": "integer"}},
}


def described(name: str, /, **changes: Any) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": ARGUMENTS[name],
        "required": list(ARGUMENTS[name])[:1],
    }
    return {
        "id": name,
        "description": f"The tool {name}.",
        "cost": 0.01,
        "schema": schema,
        **changes,
    }


def write_files(
    folder: Path, rows: list[dict[str, Any]], texts: list[dict[str, Any]]
) -> list[Path]:
    block = f"<!-- config: tools -->\n```yaml\n{yaml.safe_dump(rows)}```\n"
    (folder / "checklist.md").write_text(f"# Safety\n\n{block}")
    (folder / "tools.json").write_text(json.dumps(texts))
    return [folder / "checklist.md", folder / "tools.json"]


def rules(folder: Path, **changes: Mapping[str, Any]) -> dict[str, Rule]:
    """Return the rules, with changes to rows by id (with underscores)."""
    rows = [{**one, **changes.get(one["id"].replace("-", "_"), {})} for one in ROWS]
    return read_rules(*write_files(folder, rows, [described(name) for name in ARGUMENTS]))


class World:
    """What tools changed outside, and a gate before them; `fail` are raised before they act."""

    def __init__(self, folder: Path, **changes: Mapping[str, Any]) -> None:
        self.done: list[tuple[str, Any]] = []
        self.fail: list[BaseException] = []
        self.now = 1_800_000_000.0
        functions = {name: self._function(name) for name in ARGUMENTS}
        functions["fetch-tides"] = lambda context, url: context.fetch(url)
        self.ledger = Ledger(folder / "tools.sqlite", clock=lambda: self.now)
        self.gate = Gate(rules(folder, **changes), functions, self.ledger, wait=lambda s: None)

    def _function(self, name: str) -> Any:
        def act(context: Context, **arguments: Any) -> Any:
            if self.fail:
                raise self.fail.pop(0)
            self.done.append((name, arguments))
            return {"done": name}

        return act

    def events(self) -> list[str]:
        with self.ledger.transaction() as database:
            return [row["event"] for row in database.execute("SELECT event FROM log ORDER BY n")]


def session(name: str = "s", scopes: frozenset[str] = SCOPES, **limits: Any) -> Session:
    return Session(name, "ada", scopes, **limits)
