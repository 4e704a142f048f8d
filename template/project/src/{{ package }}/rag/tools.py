"""Tools that a model may ask for, and everything it may not do with them.

The model proposes a call; this module decides. Whatever a document talked the model into,
a call without its scope, its approval or its allowance does not happen.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opentelemetry import trace

from ..parsing import parsed
from . import transport
from .allowed import Allowed
from .egress import RefusedError, fetch
from .parsing import conforms

Function = Callable[..., object]
Fetch = Callable[[str, frozenset[str]], bytes]
_tracer = trace.get_tracer(__name__)


def fetch_listed(url: str, hosts: frozenset[str]) -> bytes:
    """Return the body behind a URL of these hosts; RefusedError for any other."""
    return fetch(url, hosts, transport.resolve, transport.send)


@dataclass(frozen=True)
class Rule:
    """What one tool may do; `arguments` is a JSON Schema, `limit` counts calls in a session.

    A function with `hosts` gets `reach` as its first argument, and reaches no other hosts with it.
    """

    name: str
    limit: int
    arguments: dict[str, Any]
    scopes: frozenset[str]
    approval: bool
    hosts: frozenset[str]


@dataclass(frozen=True)
class Call:
    """One line of a session's log: why a call was refused, or which error its function raised."""

    tool: str
    arguments: Mapping[str, object]
    refused: str | None = None
    failed: str | None = None


def read_rules(path: Path, allowed: Allowed) -> dict[str, Rule]:
    """The tools by name: those of data/rag/tools.json that the config block `tools` allows."""
    rows = {row["name"]: row for row in parsed(path.read_bytes())}
    return {
        name: Rule(
            **rows[name],
            scopes=frozenset(tool["scopes"]),
            approval=tool["approval"] != "none" or tool["destructive"],
            hosts=frozenset(tool["egress"]),
        )
        for name, tool in allowed.tools.items()
        if name in rows
    }


@dataclass
class Session:
    """One conversation: its scopes, its counters and its log.

    `approve` asks a person outside the model and returns whether they agreed to exactly this call.
    """

    rules: Mapping[str, Rule]
    functions: Mapping[str, Function]
    scopes: frozenset[str]
    approve: Callable[[str, Mapping[str, object]], bool] = lambda tool, arguments: False
    fetch: Fetch = fetch_listed
    log: list[Call] = field(default_factory=list)
    _made: Counter[str] = field(default_factory=Counter)

    def call(self, tool: str, arguments: Mapping[str, object]) -> object:
        """Return the tool's result; RefusedError where a rule forbids the call.

        Every call is logged and traced: one that is refused, and one whose function raises, too.
        """
        named = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool}
        refused = failed = None
        with _tracer.start_as_current_span(f"execute_tool {tool}", attributes=named):
            try:
                self._check(tool, arguments)
                self._made[tool] += 1
                return self._run(self.rules[tool], arguments)
            except RefusedError as error:
                refused = str(error)
                raise
            except BaseException as error:
                failed = type(error).__name__
                raise
            finally:
                self.log.append(Call(tool, dict(arguments), refused, failed))

    def _run(self, rule: Rule, arguments: Mapping[str, object]) -> object:
        if not rule.hosts:
            return self.functions[rule.name](**arguments)
        return self.functions[rule.name](lambda url: self.fetch(url, rule.hosts), **arguments)

    def _check(self, tool: str, arguments: Mapping[str, object]) -> None:
        rule = self.rules.get(tool)
        if rule is None or tool not in self.functions:
            raise RefusedError("no such tool")
        if missing := rule.scopes - self.scopes:
            raise RefusedError(f"the session has no scope {min(missing)}")
        if not conforms(dict(arguments), rule.arguments):
            raise RefusedError("the arguments do not fit the tool")
        if self._made[tool] >= rule.limit:
            raise RefusedError(f"the limit of {rule.limit} calls is reached")
        if rule.approval and not self.approve(tool, arguments):
            raise RefusedError("nobody approved the call")
