"""A call happens only with its scope, its arguments, its allowance and its approval."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from harbour_answers.rag.drills import call_refused
from harbour_answers.rag.egress import RefusedError
from harbour_answers.rag.golden import read_jsonl
from harbour_answers.rag.tools import Session, read_rules

RULES = read_rules(Path("data/rag/tools.json"))
SCOPES = frozenset(rule.scope for rule in RULES.values())


def session(scopes: frozenset[str] = SCOPES, *, agrees: bool = False) -> Session:
    def approve(tool: str, arguments: Mapping[str, object]) -> bool:
        return agrees and arguments == {"text": "Fog."}

    functions = {"find_passages": lambda question: ["p1"], "send_notice": lambda text: "sent"}
    return Session(RULES, functions, scopes, approve)


@pytest.mark.parametrize(
    ("tool", "arguments", "scopes", "reason"),
    [
        ("delete_everything", {}, SCOPES, "no such tool"),
        ("fetch_tide_table", {"url": "x"}, SCOPES, "no such tool"),
        ("send_notice", {"text": "Fog."}, frozenset(["handbook:read"]), "no scope notices:write"),
        ("find_passages", {"question": 7}, SCOPES, "do not fit"),
        ("find_passages", {"question": "x", "limit": 9}, SCOPES, "do not fit"),
        ("find_passages", {"question": "x" * 501}, SCOPES, "do not fit"),
        ("send_notice", {"text": "Fog."}, SCOPES, "nobody approved"),
    ],
)
def test_a_call_outside_its_rule_is_refused_and_logged(
    tool: str, arguments: dict[str, object], scopes: frozenset[str], reason: str
) -> None:
    talk = session(scopes)
    with pytest.raises(RefusedError, match=reason):
        talk.call(tool, arguments)
    assert [(call.tool, bool(call.refused)) for call in talk.log] == [(tool, True)]


def test_the_limit_of_a_session_holds() -> None:
    talk = session()
    for _ in range(RULES["find_passages"].limit):
        assert talk.call("find_passages", {"question": "tide"}) == ["p1"]
    with pytest.raises(RefusedError, match="limit of 20"):
        talk.call("find_passages", {"question": "tide"})


def test_approval_is_for_exactly_this_call() -> None:
    talk = session(agrees=True)
    assert talk.call("send_notice", {"text": "Fog."}) == "sent"
    with pytest.raises(RefusedError, match="nobody approved"):
        talk.call("send_notice", {"text": "Pilotage is free."})


def test_no_call_of_the_attack_set_is_carried_out() -> None:
    calls = [a["call"] for a in read_jsonl(Path("data/rag/attacks.jsonl")) if a["call"]]
    assert len(calls) >= 10
    assert all(call_refused(call, RULES) for call in calls)


def test_the_drill_lets_a_harmless_call_through() -> None:
    good = {"tool": "fetch_tide_table", "arguments": {"url": "https://tides.hallorn.example/t"}}
    assert not call_refused(good, RULES)
