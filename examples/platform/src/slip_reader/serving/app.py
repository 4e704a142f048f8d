"""The service on the web: questions, health, release and metrics."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from .canary import Rollout
from .signals import Outcome, Signals

MAX_BODY = 64 * 1024
BODY_TIMEOUT = 5.0
"""Seconds in which the body must have come."""
TIMEOUT_HEADER = "request-timeout-ms"

Questions = dict[str, type[BaseModel]]


def create(rollout: Rollout, questions: Questions, signals: Signals | None = None) -> FastAPI:
    """The application of a rollout; `questions` has the shape of each backend's question."""
    told = signals or Signals()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        services = [rollout.live, *([rollout.candidate] if rollout.candidate else [])]
        await asyncio.gather(*(service.drain() for service in services))

    app = FastAPI(title="serving", lifespan=lifespan, docs_url=None, redoc_url=None)
    for name, shape in questions.items():
        told.expect(f"/v1/{name}")
        app.add_api_route(
            f"/v1/{name}",
            _asking(rollout, name, shape, told),
            methods=["POST"],
            openapi_extra={
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": shape.model_json_schema()}},
                }
            },
        )
    _add_health(app, rollout, told)
    return app


def _asking(
    rollout: Rollout, name: str, shape: type[BaseModel], signals: Signals
) -> Callable[[Request], Awaitable[Response]]:
    async def ask(request: Request) -> Response:
        with signals.request(f"/v1/{name}", request.headers) as outcome:
            return await _handled(rollout, name, shape, request, outcome)

    return ask


async def _handled(
    rollout: Rollout, name: str, shape: type[BaseModel], request: Request, outcome: Outcome
) -> Response:
    question = await _read(shape, request, outcome)
    if isinstance(question, Response):
        return question
    loop = asyncio.get_running_loop()
    began = loop.time()
    service, reply = await rollout.ask(name, question, _timeout(request))
    rollout.saw(service, reply, loop.time() - began)
    outcome.mode, outcome.release = reply.mode, service.release
    content = {"release": service.release, "degraded": reply.mode, "result": reply.result}
    pause = {"retry-after": str(reply.retry_after)} if reply.retry_after else None
    return _said(outcome, reply.status, content, pause)


async def _read(shape: type[BaseModel], request: Request, outcome: Outcome) -> BaseModel | Response:
    """What was asked, or the response to what cannot be read."""
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            body = await _body(request)
        _timeout(request)
        return shape.model_validate_json(body)
    except TimeoutError:
        reason = f"the body took longer than {BODY_TIMEOUT:g} s"
        return _said(outcome, 408, {"error": reason}, {"connection": "close"})
    except ClientDisconnect:
        return _said(outcome, 499, {"error": "the caller went away"})  # Nobody reads it.
    except _TooLargeError:
        return _said(outcome, 413, {"error": f"the body has more than {MAX_BODY} bytes"})
    except ValidationError as error:
        wrong = json.loads(error.json(include_url=False, include_input=False))
        return _said(outcome, 422, {"error": wrong})
    except ValueError as error:
        return _said(outcome, 422, {"error": str(error)})


class _TooLargeError(ValueError):
    pass


async def _body(request: Request) -> bytes:
    """The body, read no further than MAX_BODY."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise _TooLargeError
    return body


def _timeout(request: Request) -> float | None:
    """The caller's limit in seconds, from the header in milliseconds."""
    given = request.headers.get(TIMEOUT_HEADER)
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or int(given[:9]) == 0:
        raise ValueError(f"{TIMEOUT_HEADER} is a positive whole number of milliseconds")
    return int(given[:9]) / 1000


def _said(
    outcome: Outcome, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
) -> Response:
    content = json.dumps(body, ensure_ascii=False, allow_nan=False)
    outcome.status = status  # Not before: an answer that is no JSON is a 500.
    return Response(content, status, headers, media_type="application/json")


def _add_health(app: FastAPI, rollout: Rollout, signals: Signals) -> None:
    @app.get("/health/live")
    async def live() -> dict[str, str]:
        """The process runs. It says nothing about the rest, or a restart would cure nothing."""
        return {"status": "live"}

    @app.get("/health/ready")
    async def ready(response: Response) -> dict[str, str]:
        """Verified, warmed up, not draining, and with places that can still come free."""
        if rollout.live.ready and not rollout.live.lost:
            return {"status": "ready", "release": rollout.live.release}
        response.status_code = 503
        response.headers["retry-after"] = "1"
        return {"status": "not ready"}

    @app.get("/metrics")
    async def metrics() -> Response:
        observe(rollout, signals)
        return Response(generate_latest(signals.registry), media_type=CONTENT_TYPE_LATEST)


def observe(rollout: Rollout, signals: Signals) -> None:
    """Bring the gauges up to date; those of a candidate that was rolled back are gone."""
    for gauge in (signals.waiting, signals.busy, signals.stuck, signals.breaker, signals.release):
        gauge.clear()
    for role, service in (("live", rollout.live), ("candidate", rollout.candidate)):
        if service is None:
            continue
        signals.release.labels(service.release, role).set(1)
        for name, own in service.bulkheads.items():
            signals.waiting.labels(name, role).set(own.admission.queued)
            signals.busy.labels(name, role).set(own.admission.busy)
            signals.stuck.labels(name, role).set(own.stuck)
            signals.breaker.labels(name, role).set(own.breaker.state)
    signals.canary_share.set(rollout.share)
    signals.canary_wealth.set(rollout.comparison.log_wealth)
