"""Attacks on the gate of tool calls: what a model asks for is done only if a rule allows it."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from system.rag.egress import RefusedError
from system.rag.tools import ApprovalNeededError, gate, read_rules, verify

from ._acting import ARGUMENTS, NOTICE, ROWS, World, described, row, session, write_files


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def approved(world: World, arguments: Any = NOTICE, who: Any = None, **options: Any) -> str:
    with pytest.raises(ApprovalNeededError) as needed:
        world.gate.call(who or session(), "send-notice", arguments, **options)
    return world.gate.approve(needed.value.request, "harbour-master")


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"note": value}
    return value


CYCLE: dict[str, Any] = {"question": "x"}
CYCLE["itself"] = CYCLE


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("delete-recordings", {}, "no such tool: 'delete-recordings'"),
        ("find-passages ", {"question": "x"}, "no such tool"),
        ("Find-Passages", {"question": "x"}, "no such tool"),
        ("f\u0456nd-passages", {"question": "x"}, r"no such tool: 'f\\u0456nd-passages'"),
        ("find-passages\x00", {"question": "x"}, "no such tool"),
        ("\ud800", {}, "no such tool"),
        ("x" * 10_000, {}, "no such tool: 'x{79}$"),
        (["find-passages"], {}, "no such tool"),
        (None, {}, "no such tool"),
        ("find-passages", {"question": "x", "approved_by": "harbour master"}, "do not fit"),
        ("find-passages", {"question": "x", "context": {}}, "do not fit"),
        ("find-passages", {"question": "x", "__class__": "y"}, "do not fit"),
        ("find-passages", {"question": 7}, "do not fit"),
        ("find-passages", {"question": "x" * 501}, "do not fit"),
        ("find-passages", {}, "do not fit"),
        ("log-berth", {"berth": True}, "do not fit"),
        ("log-berth", {"berth": 1, "note": {"anything": 1}}, "do not fit"),
        ("log-berth", {"berth": float("nan")}, "not a JSON object"),
        ("log-berth", '{"berth": 1e999}', "not a JSON object"),
        ("log-berth", '{"berth": 1, "berth": 2}', "not a JSON object"),
        ("log-berth", '{"berth": NaN}', "not a JSON object"),
        ("log-berth", '```json\n{"berth": 1}\n```', "not a JSON object"),
        ("log-berth", "[" * 100_000, "not a JSON object"),
        ("log-berth", f'{{"berth": {"9" * 5_000}}}', "not a JSON object"),
        ("log-berth", nested(70), "not a JSON object"),
        ("find-passages", {"question": "\ud800"}, "not a JSON object"),
        ("find-passages", {"question": {"a", "b"}}, "not a JSON object"),
        ("find-passages", {"question": "x" * 30_000}, "not a JSON object"),
        ("find-passages", CYCLE, "not a JSON object"),
        ("find-passages", None, "not a JSON object"),
        ("find-passages", ["question"], "not a JSON object"),
        ("find-passages", '[["question", "x"]]', "not a JSON object"),
        ("find-passages", "null", "not a JSON object"),
        ("find-passages", "1", "not a JSON object"),
    ],
)
def test_what_is_not_allowed_is_refused_and_logged(
    world: World, tool: Any, arguments: Any, reason: str
) -> None:
    with pytest.raises(RefusedError, match=reason):
        world.gate.call(session(), tool, arguments)
    assert (world.done, world.events()) == ([], ["refused"])
    assert verify(world.ledger.path)[0] == 1


@pytest.mark.parametrize("scopes", [[], ["notices:read"], ["notices:*"], ["NOTICES:WRITE"], ["*"]])
def test_a_caller_without_the_scope_is_refused(world: World, scopes: list[str]) -> None:
    caller = session(scopes=frozenset(scopes))
    with pytest.raises(RefusedError, match="no scope notices:write"):
        world.gate.call(caller, "log-berth", {"berth": 1})
    assert world.done == []
    assert world.gate.offered(caller) == []


def test_a_model_is_offered_what_its_caller_may_use_in_the_reviewed_words(world: World) -> None:
    [offer] = world.gate.offered(session(scopes=frozenset(["handbook:read"])))
    assert offer["function"]["description"] == "The tool find-passages."
    assert offer["function"]["parameters"]["additionalProperties"] is False


# Approvals


def test_a_destructive_call_waits_for_a_person(world: World) -> None:
    token = approved(world)
    assert world.done == []
    assert world.gate.call(session(), "send-notice", NOTICE, approval=token) == {
        "done": "send-notice"
    }
    assert world.done == [("send-notice", NOTICE)]
    assert world.events() == ["refused", "approved", "intent", "done"]


@pytest.mark.parametrize("forged", ["yes", "approved", "x" * 43, "\ud800", " ", "' OR 1=1 --"])
def test_a_forged_approval_is_refused(world: World, forged: str) -> None:
    approved(world)
    with pytest.raises((RefusedError, UnicodeError)):
        world.gate.call(session(), "send-notice", NOTICE, approval=forged)
    assert world.done == []


def test_an_approval_is_for_exactly_these_arguments_caller_session_and_call(world: World) -> None:
    token = approved(world)
    for who, arguments, call_id in [
        (session(), {"text": "Fog in the fairway!"}, ""),
        (session(), {"text": "Fog in the fairway.\u200b"}, ""),
        (session("other"), NOTICE, ""),
        (replace(session(), caller="bob"), NOTICE, ""),
        (session(), NOTICE, "2"),
    ]:
        with pytest.raises(RefusedError, match="not for this call"):
            world.gate.call(who, "send-notice", arguments, approval=token, call_id=call_id)
    assert world.done == []
    world.gate.call(session(), "send-notice", NOTICE, approval=token)
    assert len(world.done) == 1


def test_an_approval_is_used_once(world: World) -> None:
    token = approved(world, call_id="1")
    world.gate.call(session(), "send-notice", NOTICE, approval=token, call_id="1")
    with pytest.raises(RefusedError, match="not for this call"):
        world.gate.call(session(), "send-notice", NOTICE, approval=token, call_id="2")
    world.gate.call(session(), "send-notice", NOTICE, approval=token, call_id="1")
    assert len(world.done) == 1, "the second is the first one's result"


def test_an_approval_is_used_up_by_a_call_that_fails(world: World) -> None:
    token = approved(world)
    world.fail = [RuntimeError("lost")]
    with pytest.raises(RuntimeError):
        world.gate.call(session(), "send-notice", NOTICE, approval=token)
    [letter] = world.ledger.dead_letters()
    world.ledger.settle(letter["key"], happened=False, by="ada")
    with pytest.raises(RefusedError, match="is used or expired"):
        world.gate.call(session(), "send-notice", NOTICE, approval=token)
    assert world.done == []


def test_an_approval_expires(world: World) -> None:
    token = approved(world)
    world.now += 600
    with pytest.raises(RefusedError, match="expired"):
        world.gate.call(session(), "send-notice", NOTICE, approval=token)
    assert world.done == []


def test_an_approval_ends_when_the_description_changes(world: World) -> None:
    token = approved(world)
    rule = world.gate.rules["send-notice"]
    changed = {"send-notice": replace(rule, description="Sends a notice to nobody.")}
    other = gate.Gate(changed, world.gate.functions, world.ledger)
    with pytest.raises(RefusedError, match="not for this call"):
        other.call(session(), "send-notice", NOTICE, approval=token)


def test_the_approver_sees_every_character(world: World) -> None:
    text = "Hallørn \u202eevas\u200b \u00a0\U000e0041 \u3164\ufe01\U000e0101"
    with pytest.raises(ApprovalNeededError) as needed:
        world.gate.call(session(), "send-notice", {"text": text})
    text = (
        '{"text":"Hallørn \\u{202e}evas\\u{200b} \\u{a0}\\u{e0041} \\u{3164}\\u{fe01}\\u{e0101}"}'
    )
    assert needed.value.request.shown == f"send-notice for ada: {text}"


def test_without_a_policy_that_says_true_nothing_is_allowed(tmp_path: Path) -> None:
    world = World(tmp_path, log_berth={"approval": "policy"})
    for policies in ({}, {"log-berth": lambda who, arguments: "no"}):
        world.gate.policies = policies
        with pytest.raises(RefusedError, match="policy of the tool"):
            world.gate.call(session(), "log-berth", {"berth": 1})
    world.gate.policies = {"log-berth": lambda who, arguments: arguments["berth"] == 1}
    world.gate.call(session(), "log-berth", {"berth": 1})
    assert world.done == [("log-berth", {"berth": 1})]


# Limits


def test_steps_count_refused_calls_too_and_hold_in_every_process(world: World) -> None:
    who = session(steps=3)
    for arguments in ({"question": "x"}, {}, {"question": "x"}):
        try:
            world.gate.call(who, "find-passages", arguments)
        except RefusedError:
            continue
    again = gate.Gate(world.gate.rules, world.gate.functions, world.ledger)
    with pytest.raises(RefusedError, match="used its 3 steps"):
        again.call(who, "find-passages", {"question": "x"})
    assert len(world.done) == 2


def test_the_cost_of_a_session_is_limited(world: World) -> None:
    who = session(cost=0.03)
    for _ in range(3):
        world.gate.call(who, "find-passages", {"question": "x"})
    with pytest.raises(RefusedError, match=r"used 0\.03 of its cost limit 0\.03"):
        world.gate.call(who, "find-passages", {"question": "x"})


def test_the_rate_of_a_tool_holds_over_sessions(tmp_path: Path) -> None:
    world = World(tmp_path, find_passages={"per_minute": 2})
    for name in ("a", "b"):
        world.gate.call(session(name), "find-passages", {"question": "x"})
    with pytest.raises(RefusedError, match="more than 2 times a minute"):
        world.gate.call(session("c"), "find-passages", {"question": "x"})
    world.now += 61
    world.gate.call(session("c"), "find-passages", {"question": "x"})


# Hosts


@pytest.mark.parametrize(
    "url",
    [
        "https://collect.example/",
        "https://sub.tides.hallorn.example/",
        "https://tides.hallorn.example.collect.example/",
        "https://tides.hallorn.example@collect.example/",
        "https://collect.example#@tides.hallorn.example/",
        "https://collect.example?@tides.hallorn.example/",
        "https://collect.example\\@tides.hallorn.example/",
        "https:collect.example",
        "https:///tides.hallorn.example/",
        "https://tides.hallorn.example:444/",
        "https://tides.hallorn.example:443:444/",
        "https://tides.hallorn.example./",
        "https://tides.hallorn.example%2ecollect.example/",
        "https://tides.hallorn.example%00.collect.example/",
        "https://tides.h\u0430llorn.example/",
        "https://tides\uff0ehallorn.example/",
        "https://tides\u3002hallorn.example/",
        "https://tides.hallorn.example\u200b/",
        "https://tides.hallorn.example\t/",
        " https://tides.hallorn.example/",
        "https://tides.hallorn.example/\r\nHost: collect.example",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_tool_reaches_no_other_host_by_any_spelling(world: World, url: str) -> None:
    with pytest.raises(RefusedError):
        world.gate.call(session(), "fetch-tides", {"url": url})
    assert world.events() == ["intent", "failed"]


def test_the_hosts_are_those_of_the_tools_rule(world: World) -> None:
    reached: list[Any] = []
    world.gate.get = lambda url, hosts: reached.append((url, hosts)) or b"table"
    url = "https://tides.hallorn.example/table?day=1#now"
    assert world.gate.call(session(), "fetch-tides", {"url": url}) == b"table"
    assert reached == [(url, frozenset(["tides.hallorn.example"]))]


# Retries


def test_an_idempotent_tool_is_tried_again_within_the_budget(world: World) -> None:
    world.fail = [TimeoutError(), ConnectionError()]
    world.gate.call(session(), "set-berth", {"berth": 1})
    assert world.events() == ["intent", "retry", "retry", "done"]
    world.fail = [TimeoutError()]
    with pytest.raises(TimeoutError):
        world.gate.call(session(retries=2), "set-berth", {"berth": 2})
    assert world.done == [("set-berth", {"berth": 1})]
    world.fail = [TimeoutError()] * 3
    with pytest.raises(TimeoutError):
        world.gate.call(session("new"), "set-berth", {"berth": 2})
    assert world.fail == []


def test_another_tool_and_another_error_are_not_tried_again(world: World) -> None:
    world.fail = [TimeoutError(), ValueError(), RefusedError()]
    for tool in ("log-berth", "set-berth", "find-passages"):
        arguments = {"question": "x"} if tool == "find-passages" else {"berth": 1}
        with pytest.raises((OSError, ValueError)):
            world.gate.call(session(), tool, arguments)
    assert world.events() == ["intent", "failed"] * 3


def test_a_tool_that_hangs_is_given_up_and_may_fetch_nothing_later(tmp_path: Path) -> None:
    world = World(tmp_path, fetch_tides={"timeout_s": 0.05, "idempotent": False})
    go, late, fetched = threading.Event(), threading.Event(), []

    def hang(context: Any, url: str) -> None:
        go.wait(5)
        try:
            context.fetch(url)
        except RefusedError:
            late.set()

    world.gate.get = lambda url, hosts: fetched.append(url) or b""
    world.gate.functions = {**world.gate.functions, "fetch-tides": hang}
    with pytest.raises(TimeoutError):
        world.gate.call(session(), "fetch-tides", {"url": "https://tides.hallorn.example/"})
    go.set()
    assert late.wait(5)
    assert (fetched, world.events()) == ([], ["intent", "failed"])


# Traces


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(gate, "_tracer", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def test_every_call_has_a_span_without_its_text(world: World, spans: InMemorySpanExporter) -> None:
    world.gate.call(session(), "log-berth", {"berth": 1})
    world.fail = [RuntimeError("the secret is 81")]
    with pytest.raises(RuntimeError):
        world.gate.call(session(), "find-passages", {"question": "secret 81"})
    with pytest.raises(RefusedError):
        world.gate.call(session(), "secret 81", {})
    done, failed, refused = spans.get_finished_spans()

    assert done.name == "execute_tool log-berth"
    assert done.attributes["gen_ai.operation.name"] == "execute_tool"
    assert "error.type" not in done.attributes
    assert (failed.attributes["error.type"], failed.events) == ("RuntimeError", ())
    assert (refused.name, refused.attributes["error.type"]) == (
        "execute_tool unknown",
        "RefusedError",
    )
    assert refused.status.status_code is trace.StatusCode.ERROR
    assert not any("secret" in span.to_json() for span in (done, failed, refused))
    head = refused.attributes["audit.row"], refused.attributes["audit.digest"]
    assert head == verify(world.ledger.path, head)


# Rules


@pytest.mark.parametrize(
    ("rows", "texts", "message"),
    [
        (ROWS[:-1], list(ARGUMENTS), "set-berth: not in both"),
        (ROWS, list(ARGUMENTS)[1:], "find-passages: not in both"),
        ([row("log-berth", destructive=True)], ["log-berth"], "a person must approve it"),
        ([row("log-berth", per_minute=None)], ["log-berth"], "no valid `per_minute`"),
        ([row("log-berth", per_minute=True, timeout_s=0)], ["log-berth"], "no valid `timeout_s`"),
        ([row("log-berth", scopes=[])], ["log-berth"], "no valid `scopes`"),
        ([row("log-berth", scopes="notices:write")], ["log-berth"], "no valid `scopes`"),
        ([row("log-berth", approval="people")], ["log-berth"], "no valid `approval`"),
        ([row("log-berth", approval=False)], ["log-berth"], "no valid `approval`"),
        ([row("log-berth", read_only="no")], ["log-berth"], "no valid `read_only`"),
        ([row("log-berth", egress="x.example")], ["log-berth"], "no valid `egress`"),
        ([row("log-berth", na={"by": "x"})], ["log-berth"], "is not in use"),
        ([row("log-berth"), row("log-berth")], ["log-berth"], "is in .* twice"),
    ],
)
def test_a_tool_that_was_not_reviewed_is_no_tool(
    tmp_path: Path, rows: list[dict[str, Any]], texts: list[str], message: str
) -> None:
    files = write_files(tmp_path, rows, [described(text) for text in texts])
    with pytest.raises(ValueError, match=message):
        read_rules(*files)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({}, "needs a schema of type object"),
        ({"type": "object", "properties": {"x": {"$ref": "https://x.example/s"}}}, "another file"),
        ({"type": "object", "$ref": "file:///etc/passwd"}, "another file"),
    ],
)
def test_a_schema_that_allows_anything_or_reads_elsewhere_is_refused(
    tmp_path: Path, schema: dict[str, Any], message: str
) -> None:
    files = write_files(tmp_path, [row("log-berth")], [described("log-berth", schema=schema)])
    with pytest.raises(ValueError, match=message):
        gate.Gate(read_rules(*files), {}, None)


def test_no_cost_pays_a_session_back(tmp_path: Path) -> None:
    for cost in (-1, float("nan")):
        files = write_files(tmp_path, [row("log-berth")], [described("log-berth", cost=cost)])
        with pytest.raises(ValueError, match="a cost"):
            read_rules(*files)


def test_the_rules_are_the_block_of_the_checklist(world: World, tmp_path: Path) -> None:
    path = tmp_path / "checklist.md"
    path.write_text(path.read_text().replace("- notices:write", "- notices:all"))
    rules = read_rules(path, tmp_path / "tools.json")
    assert rules["log-berth"].scopes == {"notices:all"}
    assert json.loads((tmp_path / "tools.json").read_text())[0].keys() == {
        *("id", "description", "schema", "cost"),
    }
