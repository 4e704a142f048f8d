"""Evaluate what a system did on the way to its answers, from the spans that it recorded.

    with traces.record() as recorded:
        answers = [system.answer(question) for question in asked]
    limits = Limits(order=("retrieval", "chat"), calls={"chat": 2}, tokens=4000)
    traces.add_traces(report, traces.collect(recorded), limits)

Spans of any framework will do if they follow OpenTelemetry's GenAI conventions 1.44: operations
`retrieval`, `rerank`, `chat`, `execute_tool` and so on, tokens in `gen_ai.usage.*`, `error.type`.
`read` reads them from a file in OTLP JSON, as the file exporter of a collector writes it.
"""

import json
import math
import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlcharter.evals import intervals
from mlcharter.evals.reports import Report

OPERATION = "gen_ai.operation.name"
TOOL = "gen_ai.tool.name"
SEED = 7


@dataclass(frozen=True)
class Step:
    """One span; `start` and `end` are in seconds, and `attributes` those of the span.

    `operation` is that of the GenAI conventions, else the name of the span.
    """

    trace: str
    operation: str
    start: float
    end: float
    attributes: Mapping[str, Any]
    failed: bool

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def tokens(self) -> int:
        """The tokens that were read and written; 0 if the span does not say."""
        given = (self.attributes.get(f"gen_ai.usage.{way}_tokens") for way in ("input", "output"))
        return sum(int(n) for n in given if n is not None)


@dataclass(frozen=True)
class Trace:
    """The steps of one answer, by their start."""

    id: str
    steps: Sequence[Step]

    @property
    def seconds(self) -> float:
        """From the first start to the last end."""
        return max(step.end for step in self.steps) - self.steps[0].start

    @property
    def tokens(self) -> int:
        return sum(step.tokens for step in self.steps)

    @property
    def tools(self) -> tuple[str, ...]:
        """The names of the tools that were called, in that order."""
        steps = (step for step in self.steps if step.operation == "execute_tool")
        return tuple(str(step.attributes.get(TOOL)) for step in steps)


@dataclass(frozen=True)
class Limits:
    """What an answer may do.

    `calls` has the most steps of an operation, `tools` all tools that may be called, and of `order`
    no operation may be before the first one of those named earlier, nor without it.
    """

    seconds: float = math.inf
    tokens: float = math.inf
    calls: Mapping[str, int] = field(default_factory=dict)
    tools: Collection[str] | None = None
    order: Sequence[str] = ()

    def check(self, trace: Trace) -> dict[str, bool]:
        """Return for each limit that is set whether a trace is within it."""
        counts = Counter(step.operation for step in trace.steps)
        held = {
            "seconds": (self.seconds < math.inf, trace.seconds <= self.seconds),
            "tokens": (self.tokens < math.inf, trace.tokens <= self.tokens),
            "calls": (bool(self.calls), all(counts[n] <= most for n, most in self.calls.items())),
            "tools": (self.tools is not None, set(trace.tools) <= set(self.tools or ())),
            "order": (bool(self.order), self._is_ordered(trace)),
        }
        return {name: within for name, (is_set, within) in held.items() if is_set}

    def _is_ordered(self, trace: Trace) -> bool:
        reached: set[str] = set()
        for step in trace.steps:
            if step.operation in self.order:
                before = self.order[: self.order.index(step.operation)]
                if not reached.issuperset(before):
                    return False
                reached.add(step.operation)
        return True


def add_traces(
    report: Report,
    traces: Sequence[Trace],
    limits: Limits,
    *,
    dataset: str = "traces",
    timed: bool = True,
) -> None:
    """Add the share of traces within each limit, and of those without an error.

    Metrics are `within-seconds` and so on, and `without-error`. `trace-seconds` and `trace-tokens`
    are means over traces; seconds are those of the machine that ran it, and are left out if not
    `timed`, so that two runs have the same report. Raises ValueError without traces: nothing was
    recorded.
    """
    if not traces:
        raise ValueError("there is no trace; record spans while the system answers")
    rows = [
        {f"within-{name}": held for name, held in limits.check(trace).items()}
        | {"without-error": not any(step.failed for step in trace.steps)}
        for trace in traces
    ]
    for metric in rows[0]:
        hits = sum(row[metric] for row in rows)
        report.add(metric, dataset, intervals.clopper_pearson(hits, len(rows), unit="trace"))
    for name in ("seconds", "tokens") if timed else ("tokens",):
        values = [float(getattr(trace, name)) for trace in traces]
        if len(traces) > 1:
            ids = [trace.id for trace in traces]
            report.add(
                f"trace-{name}", dataset, intervals.mean(values, ids, unit="trace", seed=SEED)
            )


@contextmanager
def record() -> Iterator[list[Any]]:
    """Yield a list to which the spans of this process are added as they end; needs the SDK.

    Set no other provider of traces in the process: OpenTelemetry takes one only.
    """
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    exporter, recorded = InMemorySpanExporter(), list[Any]()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    try:
        yield recorded
    finally:
        recorded += exporter.get_finished_spans()
        exporter.shutdown()


def collect(spans: Iterable[Any]) -> list[Trace]:
    """Return the traces of spans of the SDK, in the order in which they began."""
    return _group(
        Step(
            format(span.context.trace_id, "032x"),
            str((span.attributes or {}).get(OPERATION, span.name)),
            span.start_time / 1e9,
            span.end_time / 1e9,
            dict(span.attributes or {}),
            span.status.status_code.name == "ERROR",
        )
        for span in spans
    )


def read(path: str | os.PathLike[str]) -> list[Trace]:
    """Return the traces of a file in OTLP JSON, one `resourceSpans` object a line.

    Raises ValueError with file and line for a line that is none.
    """
    steps = []
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        try:
            steps += [
                _parse(span)
                for resource in json.loads(line)["resourceSpans"]
                for scope in resource["scopeSpans"]
                for span in scope["spans"]
            ]
        except (LookupError, TypeError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise ValueError(f"{path}:{number}: no spans in OTLP JSON: {reason}") from error
    return _group(steps)


def _parse(span: Mapping[str, Any]) -> Step:
    attributes = {one["key"]: _read_value(one["value"]) for one in span.get("attributes", ())}
    return Step(
        span["traceId"],
        str(attributes.get(OPERATION, span["name"])),
        int(span["startTimeUnixNano"]) / 1e9,
        int(span["endTimeUnixNano"]) / 1e9,
        attributes,
        span.get("status", {}).get("code") in (2, "STATUS_CODE_ERROR"),
    )


def _read_value(value: Mapping[str, Any]) -> Any:
    """Return a value of OTLP JSON, where an integer is a string."""
    [(kind, found)] = value.items()
    return int(found) if kind == "intValue" else found


def _group(steps: Iterable[Step]) -> list[Trace]:
    found: dict[str, list[Step]] = defaultdict(list)
    for step in sorted(steps, key=lambda step: (step.start, -step.end)):
        found[step.trace].append(step)
    return [Trace(name, of) for name, of in found.items()]
