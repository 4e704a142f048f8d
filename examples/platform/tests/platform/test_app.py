"""The service over HTTP: one request through span, metric and log; limits of what is read."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from mlcharter.evals.testing import simulate
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.types import Message

from slip_reader.serving import scoring
from slip_reader.serving.app import MAX_BODY, create, observe
from slip_reader.serving.canary import Rollout
from slip_reader.serving.opening import started
from slip_reader.serving.service import Service
from slip_reader.serving.signals import Signals

from evals import _platform_drills as drills
from evals import _platform_names as names
from evals._platform_load import Dependency, service_of

ROOT = Path(__file__).resolve().parents[2]
PATH = f"/v1/{scoring.NAME}"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return drills.open_specimen(drills.specimen(tmp_path_factory.mktemp("release")))


Talk = Callable[[AsyncClient], Coroutine[Any, Any, Any]]


def talking(service: Service, talk: Talk, signals: Signals | None = None) -> Any:
    """What `talk` returns, with a client of the started service."""

    async def work() -> Any:
        await started(service, [scoring])
        app = create(Rollout(service), {scoring.NAME: scoring.Question}, signals)
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
            return await talk(client)

    return asyncio.run(work())


def test_one_request_leaves_a_span_a_metric_and_a_log_line(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    caplog.set_level(logging.INFO, logger="serving")

    async def talk(client: AsyncClient) -> str:
        parent = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        answer = await client.post(PATH, json=scoring.SMOKE, headers=parent)
        assert answer.json().keys() == {"release", "degraded", "result"}
        return (await client.get("/metrics")).text

    scraped = talking(service, talk, Signals(provider))

    [span] = exporter.get_finished_spans()
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == TRACE
    assert dict(span.attributes or {}) == {
        "http.route": PATH,
        "http.response.status_code": 200,
        "degraded.mode": "",
    }
    [record] = [record for record in caplog.records if record.name == "serving"]
    line = json.loads(record.getMessage())
    assert (line["route"], line["status"], line["trace_id"]) == (PATH, 200, TRACE)
    assert line["release"] == service.release
    labels = f'http_response_status_code="200",http_route="{PATH}"'
    assert "http_server_request_duration_seconds_count{" + labels + "} 1.0" in scraped


def test_what_is_scraped_is_what_the_documents_name(service: Service) -> None:
    assert names.exported(Signals()) == names.in_documents(ROOT)


def test_what_the_runbook_calls_exported_is() -> None:
    text = (ROOT / names.RUNBOOK).read_text(encoding="utf-8")
    section = text.partition("<!-- section: observability -->")[2].partition("\n## ")[0]
    said = {names.family(name) for name in re.findall(r"`([a-z]+_[a-z_]+)`", section)}
    assert said - {"eval_metric", "cost"} <= names.exported(Signals())


def test_it_is_ready_with_the_release_that_was_deployed(service: Service) -> None:
    async def talk(client: AsyncClient) -> Any:
        return (await client.get("/health/ready")).json()

    assert talking(service, talk) == {"status": "ready", "release": service.release}


def test_it_is_alive_and_not_ready_while_it_drains(service: Service) -> None:
    async def talk(client: AsyncClient) -> list[int]:
        await service.drain()
        answers = [await client.get(f"/health/{probe}") for probe in ("live", "ready")]
        return [answer.status_code for answer in answers]

    assert talking(service, talk) == [200, 503]


def test_it_is_not_ready_once_every_place_is_held_by_a_call_that_does_not_return() -> None:
    async def work() -> list[int]:
        dependency = Dependency(down=(0.0, 1e9), hangs=True, hangs_for=1e9)
        service = service_of(dependency)
        app = create(Rollout(service), {})
        statuses = []
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
            for _ in range(service.settings.places):
                await service.ask(dependency.name, 0.0)
                statuses.append((await client.get("/health/ready")).status_code)
                await asyncio.sleep(service.settings.stuck)
            statuses.append((await client.get("/health/ready")).status_code)
        return statuses

    assert simulate(work()) == [200, 200, 200, 200, 503]


def test_live_and_candidate_are_told_apart_and_one_taken_back_is_gone() -> None:
    rollout, signals = Rollout(service_of(Dependency()), service_of(Dependency()), 0.5), Signals()

    def shown(role: str) -> float | None:
        labels = {"backend": "stand-in", "role": role}
        return signals.registry.get_sample_value("admission_places_stuck", labels)

    async def work() -> list[list[float | None]]:
        seen = []
        for _ in range(2):
            observe(rollout, signals)
            seen.append([shown("live"), shown("candidate")])
            rollout.take_back("worse")
        return seen

    assert simulate(work()) == [[0.0, 0.0], [0.0, None]]


@pytest.mark.parametrize(
    ("sent", "headers", "status"),
    [
        (b"{", {}, 422),
        (b'{"pixels": []}', {}, 422),
        (b'{"pixels": "0"}', {}, 422),
        (json.dumps({**scoring.SMOKE, "more": 1}).encode(), {}, 422),
        (json.dumps({"pixels": [17.0] * 64}).encode(), {}, 422),
        (b'{"pixels": [' + b"NaN, " * 63 + b"NaN]}", {}, 422),
        (b"[" * 50_000, {}, 422),
        (b" " * (MAX_BODY + 1), {}, 413),
        (json.dumps(scoring.SMOKE).encode(), {"request-timeout-ms": "0"}, 422),
        (json.dumps(scoring.SMOKE).encode(), {"request-timeout-ms": "soon"}, 422),
        (json.dumps(scoring.SMOKE).encode(), {"request-timeout-ms": "900"}, 200),
    ],
)
def test_what_it_does_not_take_is_refused_and_takes_no_place(
    service: Service, sent: bytes, headers: dict[str, str], status: int
) -> None:
    async def talk(client: AsyncClient) -> int:
        return (await client.post(PATH, content=sent, headers=headers)).status_code

    assert talking(service, talk) == status
    assert service.bulkheads[scoring.NAME].admission.busy == 0


def status_of(service: Service, receive: Callable[[], Awaitable[Message]]) -> str:
    """The status that the metrics have of one request, whose body comes from `receive`."""
    signals = Signals()
    scope = {"type": "http", "method": "POST", "path": PATH, "headers": [], "query_string": b""}

    async def send(message: Message) -> None:
        pass

    async def work() -> None:
        await started(service, [scoring])
        await create(Rollout(service), {scoring.NAME: scoring.Question}, signals)(
            scope, receive, send
        )

    with suppress(ValueError):
        asyncio.run(work())
    [counted] = [
        sample.labels["http_response_status_code"]
        for family in signals.registry.collect()
        for sample in family.samples
        if sample.name == "http_server_request_duration_seconds_count" and sample.value
    ]
    return counted


def test_a_caller_who_hangs_up_in_the_body_is_no_error_of_the_service(service: Service) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    assert status_of(service, receive) == "499"


def test_a_body_that_does_not_come_is_not_waited_for(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{create.__module__}.BODY_TIMEOUT", 0.01)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    assert status_of(service, receive) == "408"


def test_an_answer_that_is_no_json_counts_as_an_error(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"digit": 0, "score": float("nan")}
    monkeypatch.setattr(service.bulkheads[scoring.NAME].backend, "answer", lambda question: answer)

    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps(scoring.SMOKE).encode()}

    assert status_of(service, receive) == "500"


def test_the_shape_of_a_question_is_published(service: Service) -> None:
    async def talk(client: AsyncClient) -> Any:
        described = (await client.get("/openapi.json")).json()["paths"][PATH]["post"]
        return described["requestBody"]["content"]["application/json"]["schema"]["required"]

    assert talking(service, talk) == ["pixels"]
