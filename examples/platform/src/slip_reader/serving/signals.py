"""What the service says about itself: metrics, one span and one log line a request.

The names are those of ops/runbook.md and cost/cost_dashboard_spec.md; a test compares them both
ways.
"""

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from .service import MODES

log = logging.getLogger("serving")

STATUSES = (200, 429, 500, 503)
"""Those that the SLOs count; their series are there before the first request."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class CpuSeconds(Collector):
    """The CPU time of this process, from the standard library: the same on every system."""

    def collect(self) -> Iterator[CounterMetricFamily]:
        seconds = time.process_time()
        yield CounterMetricFamily("serving_cpu_seconds", "CPU time of this process", seconds)


@dataclass
class Outcome:
    """What a request came to; filled in while it is handled."""

    status: int = 500
    mode: str | None = None
    release: str | None = None


class Signals:
    """The metrics of one service in a registry of its own, and its tracer.

    Without a provider, spans go nowhere; give one with an exporter where there is a collector.
    """

    def __init__(self, provider: TracerProvider | None = None) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        self.tracer = (provider or TracerProvider()).get_tracer("serving")
        self.duration = Histogram(
            "http_server_request_duration_seconds",
            "From the first byte of the request to the answer",
            ["http_route", "http_response_status_code"],
            buckets=BUCKETS,
            registry=registry,
        )
        self.active = Gauge(
            "http_server_active_requests", "Requests being handled", registry=registry
        )
        places = ["backend", "role"]
        self.waiting = Gauge("admission_waiting", "Requests in line", places, registry=registry)
        self.busy = Gauge("admission_places_busy", "Places taken", places, registry=registry)
        self.stuck = Gauge(
            "admission_places_stuck",
            "Places held by calls that do not return",
            places,
            registry=registry,
        )
        self.degraded = Counter(
            "degraded_requests", "Requests that got less, by mode", ["mode"], registry=registry
        )
        self.breaker = Gauge(
            "breaker_state", "0 closed, 1 half-open, 2 open", places, registry=registry
        )
        self.release = Gauge(
            "release_info", "The releases that serve", ["id", "role"], registry=registry
        )
        self.canary_share = Gauge(
            "canary_share", "Share of requests that the candidate gets", registry=registry
        )
        self.canary_wealth = Gauge(
            "canary_log_wealth", "Evidence that the candidate is worse", registry=registry
        )
        registry.register(CpuSeconds())
        for mode in MODES:
            self.degraded.labels(mode)

    def expect(self, route: str) -> None:
        """Start the series of a route at zero: Prometheus sees no increase to a first value."""
        for status in STATUSES:
            self.duration.labels(route, str(status))

    @contextmanager
    def request(self, route: str, headers: Mapping[str, str]) -> Iterator[Outcome]:
        """Measure one request; the caller fills in the outcome."""
        outcome = Outcome()
        began = time.perf_counter()
        parent = TraceContextTextMapPropagator().extract(headers)
        self.active.inc()
        try:
            with self.tracer.start_as_current_span(
                f"POST {route}", context=parent, kind=trace.SpanKind.SERVER
            ) as span:
                try:
                    yield outcome
                finally:
                    span.set_attribute("http.route", route)
                    span.set_attribute("http.response.status_code", outcome.status)
                    span.set_attribute("degraded.mode", outcome.mode or "")
                    self._log(route, outcome, time.perf_counter() - began)
        finally:
            self.active.dec()
            took = time.perf_counter() - began
            self.duration.labels(route, str(outcome.status)).observe(took)
            if outcome.mode:
                self.degraded.labels(outcome.mode).inc()

    def _log(self, route: str, outcome: Outcome, took: float) -> None:
        trace_id = trace.get_current_span().get_span_context().trace_id
        line = {
            "route": route,
            "release": outcome.release,
            "status": outcome.status,
            "degraded": outcome.mode,
            "seconds": round(took, 6),
            "trace_id": f"{trace_id:032x}",
        }
        log.info(json.dumps(line))
