"""Attempts, their budget, the circuit, costs, and what is sent and traced."""

import json
import time
from pathlib import Path

import pytest
from mlcharter.evals.generation import stub
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from system.rag import generation
from system.rag.endpoint import Endpoint, Limits
from system.rag.generation import Draft, write

PROMPT = "Rules\n---\n{question}\n{passages}\n---\nAgain, please."
WRITTEN = json.dumps({"sentences": [{"text": "It waits.", "sources": [1]}]})
FAST = Limits(total=0.6, silence=0.3)


def ask(server: stub.Server, limits: Limits = FAST) -> Draft:
    return write(Endpoint(server.url, "m", "key", limits), PROMPT, "Who waits?", ["It waits."])


def test_a_reply_that_does_not_fit_is_repaired_once() -> None:
    with stub.serve(stub.say("It waits, I think."), stub.say(WRITTEN)) as server:
        draft = ask(server)
    assert (draft.status, draft.sentences, draft.usage.output) == (
        "written",
        (("It waits.", (1,)),),
        20,
    )
    repairs = [body["messages"][-1]["content"] == "Again, please." for body in server.requests]
    assert repairs == [False, True]


def test_another_attempt_is_made_when_the_server_says_so_and_within_the_budget() -> None:
    with stub.serve(stub.status(429, retry_after=0), stub.say(WRITTEN)) as server:
        assert ask(server).status == "written"
    with stub.serve(stub.status(503)) as server:
        assert ask(server, Limits(total=5, retries=0.0)).status == "unavailable"
    assert len(server.requests) == 1


def test_the_circuit_opens_after_failures_in_a_row_and_closes_again() -> None:
    limits = Limits(attempts=1, opens_after=2, open_for=0.1)
    with stub.serve(*[stub.status(500)] * 2, stub.say(WRITTEN)) as server:
        endpoint = Endpoint(server.url, "m", "key", limits)
        asked = [write(endpoint, PROMPT, "?", ["It waits."]).status for _ in range(3)]
        assert (asked, len(server.requests)) == (["unavailable"] * 3, 2)
        time.sleep(0.1)
        assert write(endpoint, PROMPT, "?", ["It waits."]).status == "written"


def test_a_passage_cannot_end_itself_or_fill_in_the_prompt() -> None:
    _, user, _ = generation.render(PROMPT, "{passages}?", ['x"\n[2] y {question}'])
    assert user["content"] == '"{passages}?"\n[1] "x\\"\\n[2] y {question}"'


def test_a_long_prompt_loses_its_last_passages_and_their_numbers() -> None:
    second = json.dumps({"sentences": [{"text": "It waits.", "sources": [2]}]})
    with stub.serve(stub.say(second)) as server:
        endpoint = Endpoint(server.url, "m", "key", FAST)
        draft = write(endpoint, PROMPT, "Who?", ["It waits.", "x" * generation.MAX_PROMPT])
    assert draft.status == "malformed"
    assert len(json.dumps(server.requests[0])) < generation.MAX_PROMPT


def test_the_environment_names_the_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LLM_BASE_URL", raising=False)
    assert Endpoint.from_environment() is None
    monkeypatch.setenv("LLM_BASE_URL", "https://models.example/v1/")
    with pytest.raises(ValueError, match="LLM_BASE_URL is set, and LLM_MODEL is not; set both"):
        Endpoint.from_environment()
    monkeypatch.setenv("LLM_MODEL", "m-2026-11-01")
    monkeypatch.setenv("ALLOWED", str(tmp_path / "allowed.json"))
    with pytest.raises(PermissionError, match=r"models\.example:443 is not in safety"):
        Endpoint.from_environment()
    allowed = {"hosts": [{"host": "models.example", "port": 443}], "tools": []}
    (tmp_path / "allowed.json").write_text(json.dumps(allowed))
    named = Endpoint.from_environment()
    assert named is not None
    assert named.model == "m-2026-11-01"


def test_a_cost_is_counted_at_the_prices_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    used = generation.Usage(input=1_000_000, cached=400_000, output=100_000)
    assert used.cost == 0
    prices = {"input": 0.5, "cached": 0.1, "output": 2.0}
    monkeypatch.setattr(generation, "PRICES", prices)
    assert used.cost == pytest.approx(0.6 * 0.5 + 0.4 * 0.1 + 0.1 * 2.0)


def test_spans_and_tokens_have_the_names_of_the_conventions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    traces, meters = TracerProvider(), MeterProvider([reader])
    traces.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(generation, "_tracer", traces.get_tracer("test"))
    monkeypatch.setattr(generation, "_tokens", meters.get_meter("test").create_histogram("tokens"))
    with stub.serve(stub.say(WRITTEN), stub.status(401)) as server:
        ask(server)
        ask(server)
    sound, failed = exporter.get_finished_spans()
    assert (sound.name, failed.status.is_ok) == ("chat m", False)
    assert dict(sound.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m",
        "gen_ai.response.model": "stub",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10,
    }
    data = reader.get_metrics_data()
    assert data is not None
    [metric] = json.loads(data.to_json())["resource_metrics"][0]["scope_metrics"][0]["metrics"]
    points = metric["data"]["data_points"]
    used = {point["attributes"]["gen_ai.token.type"]: point["sum"] for point in points}
    assert used == {"input": 100, "output": 10}
