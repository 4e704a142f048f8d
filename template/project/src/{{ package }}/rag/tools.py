"""Tools that a model may ask for, and everything it may not do with them.

The model proposes a call; this module decides. Whatever a document talked the model into,
a call without its scope, its approval or its allowance does not happen.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..parsing import parsed
from .egress import RefusedError
from .parsing import conforms

Function = Callable[..., object]


@dataclass(frozen=True)
class Rule:
    """What one tool may do; `arguments` is a JSON Schema, `limit` counts calls in a session.

    `hosts` are the only ones its function may reach, see egress.py.
    """

    name: str
    scope: str
    approval: bool
    limit: int
    arguments: dict[str, Any]
    hosts: frozenset[str]


@dataclass(frozen=True)
class Call:
    """One line of a session's log."""

    tool: str
    arguments: Mapping[str, object]
    refused: str | None


def read_rules(path: Path) -> dict[str, Rule]:
    """The tools by name, as written in data/rag/tools.json."""
    rows = parsed(path.read_bytes())
    return {row["name"]: Rule(**{**row, "hosts": frozenset(row["hosts"])}) for row in rows}


@dataclass
class Session:
    """One conversation: its scopes, its counters and its log.

    `approve` asks a person outside the model and returns whether they agreed to exactly this call.
    """

    rules: Mapping[str, Rule]
    functions: Mapping[str, Function]
    scopes: frozenset[str]
    approve: Callable[[str, Mapping[str, object]], bool] = lambda tool, arguments: False
    log: list[Call] = field(default_factory=list)
    _made: Counter[str] = field(default_factory=Counter)

    def call(self, tool: str, arguments: Mapping[str, object]) -> object:
        """The tool's result; RefusedError is raised, and logged, where a rule forbids the call."""
        try:
            self._check(tool, arguments)
            self._made[tool] += 1
            result = self.functions[tool](**arguments)
        except RefusedError as error:
            self.log.append(Call(tool, dict(arguments), str(error)))
            raise
        self.log.append(Call(tool, dict(arguments), None))
        return result

    def _check(self, tool: str, arguments: Mapping[str, object]) -> None:
        rule = self.rules.get(tool)
        if rule is None or tool not in self.functions:
            raise RefusedError("no such tool")
        if rule.scope not in self.scopes:
            raise RefusedError(f"the session has no scope {rule.scope}")
        if not conforms(dict(arguments), rule.arguments):
            raise RefusedError("the arguments do not fit the tool")
        if self._made[tool] >= rule.limit:
            raise RefusedError(f"the limit of {rule.limit} calls is reached")
        if rule.approval and not self.approve(tool, arguments):
            raise RefusedError("nobody approved the call")
