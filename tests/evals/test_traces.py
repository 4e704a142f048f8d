"""What a system did is read from its spans, and compared with what it may do."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlcharter.evals.answers import traces
from mlcharter.evals.answers.traces import Limits, Trace
from mlcharter.evals.reports import Report


def span(
    operation: str, start: int, end: int, *, trace: int = 1, failed: bool = False, **attributes: Any
) -> SimpleNamespace:
    """A span as the SDK has it, from second `start` to `end`; `_` in names stands for a dot."""
    named = {key.replace("__", "."): value for key, value in attributes.items()}
    return SimpleNamespace(
        name=f"{operation} x",
        context=SimpleNamespace(trace_id=trace),
        start_time=start * 10**9,
        end_time=end * 10**9,
        attributes={"gen_ai.operation.name": operation, **named},
        status=SimpleNamespace(status_code=SimpleNamespace(name="ERROR" if failed else "UNSET")),
    )


TOKENS = {"gen_ai__usage__input_tokens": 100, "gen_ai__usage__output_tokens": 20}
SPANS = [
    span("chat", 2, 5, **TOKENS),  # a span is written when it ends
    span("execute_tool", 5, 6, gen_ai__tool__name="find"),
    span("chat", 6, 7, **TOKENS),
    span("retrieval", 1, 2),
    span("invoke_agent", 1, 8),
]


def one(spans: list[SimpleNamespace]) -> Trace:
    [trace] = traces.collect(spans)
    return trace


def test_steps_are_in_the_order_in_which_they_began() -> None:
    trace = one(SPANS)
    operations = [step.operation for step in trace.steps]
    assert operations == ["invoke_agent", "retrieval", "chat", "execute_tool", "chat"]
    assert (trace.seconds, trace.tokens, trace.tools) == (7.0, 240, ("find",))


@pytest.mark.parametrize(
    ("limits", "held"),
    [
        (Limits(), {}),
        (Limits(seconds=7), {"seconds": True}),
        (Limits(seconds=6.9), {"seconds": False}),
        (Limits(tokens=240), {"tokens": True}),
        (Limits(tokens=239), {"tokens": False}),
        (Limits(calls={"chat": 2, "rerank": 0}), {"calls": True}),
        (Limits(calls={"chat": 1}), {"calls": False}),
        (Limits(tools={"find", "send"}), {"tools": True}),
        (Limits(tools=()), {"tools": False}),
        (Limits(order=("retrieval", "chat", "execute_tool")), {"order": True}),
        (Limits(order=("execute_tool", "chat")), {"order": False}),
        (Limits(order=("rerank", "chat")), {"order": False}),
    ],
)
def test_each_limit_that_is_set_is_compared(limits: Limits, held: dict[str, bool]) -> None:
    assert limits.check(one(SPANS)) == held


def test_a_report_has_the_share_of_traces_within_each_limit() -> None:
    other = [span("chat", 20, 21, trace=2, failed=True)]
    report = Report("rag", seed=1)
    report.add_dataset("traces", "0" * 64, 2)
    limits = Limits(calls={"chat": 1}, order=("retrieval", "chat"))
    traces.add_traces(report, traces.collect([*other, *SPANS]), limits)
    rows = report.content(command="python -m evals.rag")["results"]
    assert {row["metric"]: (row["value"], row["n"]) for row in rows} == {
        "within-calls": (0.5, 2),
        "within-order": (0.5, 2),
        "without-error": (0.5, 2),
        "trace-seconds": (4.0, 2),
        "trace-tokens": (120.0, 2),
    }


def test_without_a_trace_nothing_is_measured() -> None:
    with pytest.raises(ValueError, match="there is no trace; record spans"):
        traces.add_traces(Report("rag", seed=1), [], Limits())


def otlp(*operations: str, status: object = 0) -> str:
    """A line of a collector's file exporter."""
    spans = [
        {
            "traceId": "5b8efff798038103d269b633813fc60c",
            "name": f"{operation} x",
            "startTimeUnixNano": str(n * 10**9),
            "endTimeUnixNano": str((n + 1) * 10**9),
            "attributes": [
                {"key": "gen_ai.operation.name", "value": {"stringValue": operation}},
                {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "30"}},
            ],
            "status": {"code": status},
        }
        for n, operation in enumerate(operations)
    ]
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})


def test_a_file_of_a_collector_is_read(tmp_path: Path) -> None:
    file = tmp_path / "spans.jsonl"
    file.write_text(f"{otlp('retrieval', 'chat')}\n{otlp('rerank', status=2)}\n")
    [trace] = traces.read(file)
    assert [step.operation for step in trace.steps] == ["retrieval", "rerank", "chat"]
    assert [step.failed for step in trace.steps] == [False, True, False]
    assert (trace.seconds, trace.tokens) == (2.0, 90)


@pytest.mark.parametrize("line", ["{}", "[]", "no JSON", '{"resourceSpans": [{}]}'])
def test_a_line_without_spans_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / "spans.jsonl"
    file.write_text(f"{otlp('chat')}\n{line}\n")
    with pytest.raises(ValueError, match=r"spans\.jsonl:2: no spans in OTLP JSON"):
        traces.read(file)
