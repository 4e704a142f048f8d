"""The gate: it decides on a call, writes it down, makes it, and writes down how it ended."""

import json
import random
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass, field
from sqlite3 import Connection
from threading import Thread
from typing import Any

from opentelemetry import trace

from ... import digests
from .. import transport
from ..egress import RefusedError, fetch
from ..parsing import conforms
from .ledger import Ledger, use_approval
from .mcp import Remote
from .requests import Context, Request, Session, canonical_arguments
from .rules import Rule, close

ATTEMPTS = 3
_tracer = trace.get_tracer(__name__)


class ApprovalNeededError(RefusedError):
    """A person must approve `request`: call again with what `Gate.approve` returns."""

    def __init__(self, request: Request) -> None:
        super().__init__("nobody approved the call")
        self.request = request


class UnsettledError(RefusedError):
    """The call was begun before, and nobody knows whether it took effect: `Ledger.settle` it."""


Function = Callable[..., object]  # (context, **arguments)
Policy = Callable[[Session, Mapping[str, Any]], bool]


def get(url: str, hosts: frozenset[str]) -> bytes:
    """Return the body behind a URL of these hosts; RefusedError for any other."""
    return fetch(url, hosts, transport.resolve, transport.send)


@dataclass
class Gate:
    """Decides and makes calls. `policies` decide for tools whose approval is `policy`."""

    rules: Mapping[str, Rule]
    functions: Mapping[str, Function]
    ledger: Ledger
    policies: Mapping[str, Policy] = field(default_factory=dict)
    get: Callable[[str, frozenset[str]], bytes] = get
    wait: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        self._schemas = {name: close(rule.schema) for name, rule in self.rules.items()}

    def offered(self, session: Session) -> list[dict[str, Any]]:
        """Return what a model is told: the reviewed texts of the tools that the caller may use."""
        mine = [rule for rule in self.rules.values() if rule.scopes <= session.scopes]
        return [
            {"type": "function", "function": {"name": r.id, "description": r.description} | p}
            for r in mine
            for p in [{"parameters": self._schemas[r.id]}]
        ]

    def approve(self, request: Request, approver: str, seconds: float = 600) -> str:
        """Return a token with which exactly this call may be made once."""
        return self.ledger.approve(request.key, request.bound, approver, seconds)

    def call(
        self,
        session: Session,
        tool: str,
        arguments: Mapping[str, Any] | str,
        *,
        approval: str = "",
        call_id: str = "",
    ) -> Any:
        """Return the tool's result; RefusedError, which a model may read, if it must not run.

        A tool that is not idempotent acts once for the same arguments in a session, and then gives
        the same result. To repeat it on purpose, give a `call_id` of the application's own; with
        one, an idempotent tool acts once, too.
        """
        known = tool if isinstance(tool, str) and tool in self.rules else "unknown"
        named = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": known}
        with _tracer.start_as_current_span(
            f"execute_tool {known}",
            attributes=named,
            record_exception=False,  # its message may have text of people
            set_status_on_exception=False,
        ) as span:
            try:
                return self._call(session, known, tool, arguments, approval, call_id)
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(trace.StatusCode.ERROR)
                raise
            finally:
                row, digest = self.ledger.head()
                span.set_attributes({"audit.row": row, "audit.digest": digest})

    def _call(
        self, session: Session, known: str, tool: str, arguments: Any, approval: str, call_id: str
    ) -> Any:
        who = {"session": session.id, "caller": session.caller, "tool": known}
        try:
            rule, request = self._check(session, tool, arguments, call_id)
            key, done, result = self._begin(session, rule, request, approval)
        except BaseException as error:
            why = str(error) if isinstance(error, RefusedError) else type(error).__name__
            self.ledger.log(**who, event="refused", detail=why)
            raise
        if done:
            return result and json.loads(result)
        try:
            found = self._attempt(session, rule, key, json.loads(request.arguments))
        except BaseException as error:
            self.ledger.end(key, "failed", type(error).__name__, **who)
            raise
        kept = None if rule.read_only else _text(found)
        self.ledger.end(key, "done", digests.sha256(kept) if kept else "", kept, **who)
        return found if kept is None else json.loads(kept)

    def _check(
        self, session: Session, tool: str, arguments: Any, call_id: str
    ) -> tuple[Rule, Request]:
        """Return the rule and the request of a call that the ledger may begin."""
        rule = self.rules.get(tool) if isinstance(tool, str) else None
        if rule is None or tool not in self.functions:
            raise RefusedError(f"no such tool: {tool!a:.80}")
        if missing := sorted(rule.scopes - session.scopes):
            raise RefusedError(f"the session has no scope {missing[0]}")
        text = canonical_arguments(arguments)
        if not conforms(json.loads(text), self._schemas[tool]):
            raise RefusedError("the arguments do not fit the tool")
        function = self.functions[tool]
        if isinstance(function, Remote) and _within(rule.timeout_s, function.pin) != rule.pin:
            raise RefusedError("the server does not describe the tool as it was reviewed")
        if rule.approval == "policy":
            policy = self.policies.get(tool)
            if policy is None or policy(session, json.loads(text)) is not True:
                raise RefusedError("the policy of the tool does not allow the call")
        return rule, Request(session.id, session.caller, tool, rule.pin, text, call_id)

    def _begin(
        self, session: Session, rule: Rule, request: Request, approval: str
    ) -> tuple[str, bool, str | None]:
        """Write the intent; return the key, and whether it was done before, with what result."""
        now, key = self.ledger.clock(), request.key
        if rule.read_only or (rule.idempotent and not request.call_id):  # it may be made again
            key = f"{key}-{secrets.token_hex(8)}"
        row = {"session": session.id, "caller": session.caller, "tool": rule.id, "key": key}
        with self.ledger.transaction() as database:
            self._limit(database, session, rule, now)
            before = database.execute("SELECT * FROM calls WHERE key = ?", (key,)).fetchone()
            if before and before["digest"] != digests.sha256(request.arguments):
                raise RefusedError("the call id was used for other arguments")
            if before and before["state"] == "done":
                self.ledger.write(database, **row, event="replayed")
                return key, True, before["result"]
            if before and before["state"] != "undone" and not rule.idempotent:
                raise UnsettledError(f"the call was begun before and is {before['state']}: {key}")
            if rule.approval == "human":
                if not approval:
                    raise ApprovalNeededError(request)
                use_approval(database, approval, request.bound, now)
            late = now + (rule.timeout_s + 1) * ATTEMPTS
            self.ledger.begin(database, request.arguments, late, cost=rule.cost, **row)
        return key, False, None

    def _limit(self, database: Connection, session: Session, rule: Rule, now: float) -> None:
        steps, cost, _ = _used(database, session)
        if steps >= session.steps:
            raise RefusedError(f"the session has used its {session.steps} steps")
        if cost + rule.cost > session.cost + 1e-9:
            raise RefusedError(f"the session has used {cost:g} of its cost limit {session.cost:g}")
        started = "event IN ('intent', 'retry') AND tool = ? AND at > ?"
        counted = f"SELECT count(*) FROM log WHERE {started}"  # noqa: S608
        if database.execute(counted, (rule.id, now - 60)).fetchone()[0] >= rule.per_minute:
            raise RefusedError(f"the tool is called more than {rule.per_minute:g} times a minute")

    def _attempt(self, session: Session, rule: Rule, key: str, arguments: dict[str, Any]) -> Any:
        """Return a result; an idempotent tool gets ATTEMPTS if it raises OSError."""
        attempt = 1
        while True:
            try:
                return self._run(rule, key, arguments)
            except OSError as error:
                final = isinstance(error, RefusedError) or attempt == ATTEMPTS
                if final or not rule.idempotent or not self._may_retry(session, rule, key, error):
                    raise
            self.wait(random.uniform(0, 2**attempt / 4))  # noqa: S311
            attempt += 1

    def _may_retry(self, session: Session, rule: Rule, key: str, error: OSError) -> bool:
        who = {"session": session.id, "caller": session.caller, "tool": rule.id, "key": key}
        with self.ledger.transaction() as database:
            _, cost, retries = _used(database, session)
            if retries >= session.retries or cost + rule.cost > session.cost + 1e-9:
                return False
            why = type(error).__name__
            self.ledger.write(database, **who, event="retry", cost=rule.cost, detail=why)
        return True

    def _run(self, rule: Rule, key: str, arguments: dict[str, Any]) -> Any:
        end = time.monotonic() + rule.timeout_s

        def reach(url: str) -> bytes:
            if time.monotonic() > end:
                raise RefusedError("the time of the call is over")
            return self.get(url, rule.hosts)

        function = self.functions[rule.id]
        return _within(rule.timeout_s, lambda: function(Context(key, reach), **arguments))


def _used(database: Connection, session: Session) -> tuple[int, float, int]:
    """Return the steps, the cost and the retries of a session so far, in any process."""
    sql = """SELECT total(event IN ('intent', 'replayed', 'refused')), total(cost),
      total(event = 'retry') FROM log WHERE session = ?"""
    steps, cost, retries = database.execute(sql, (session.id,)).fetchone()
    return int(steps), cost, int(retries)


def _within(seconds: float, work: Callable[[], Any]) -> Any:
    """Return what `work` returns; TimeoutError after some seconds, while its thread may go on."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=copy_context().run, args=(run,), daemon=True).start()
    return future.result(seconds)


def _text(result: object) -> str:
    """Return what is kept of a result: JSON, or else how Python shows it."""
    try:
        return json.dumps(result, default=str)
    except (TypeError, ValueError, RecursionError):
        return json.dumps(repr(result))
