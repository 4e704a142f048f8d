"""Files of other tools are read as scores; `tool_outputs/` has what these tools wrote.

tool_outputs/README.md says which version wrote each file.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from test_scores import SMALL_PACK

from mlcharter.cli import cli
from mlcharter.gate.tables import Source, Table
from mlcharter.support import plugins
from mlcharter.support.errors import UserError

OUTPUTS = Path(__file__).parent / "tool_outputs"
FORMATS = plugins.load("mlcharter.gate.importers")
SAMPLES = "samples_ferry_2026-11-30T01-28-45.934506.jsonl"


def read(name: str, content: bytes) -> tuple[str, Table]:
    """Return the only format that reads a file, and the table."""
    source = Source(name=name, content=content)
    found = {key: module.read(source) for key, module in FORMATS.items()}
    ((key, table),) = [(key, table) for key, table in found.items() if table is not None]
    return key, table


READ: dict[str, tuple[str, bool, dict[str, list[Any]]]] = {
    "junit.xml": (
        "junit",
        False,
        {
            "id": [
                "test_toy.test_departure[A]",
                "test_toy.test_departure[B]",
                "test_toy.TestFare.test_child",
            ],
            "suite": ["test_toy", "test_toy", "test_toy.TestFare"],
            "file": ["", "", ""],
            "passed": [1, 0, 1],
        },
    ),
    "promptfoo.json": (
        "promptfoo",
        False,
        {
            "id": ["0-first ferry-0edaaeb0", "1-test-f190c00d"],
            "success.baseline": [True, False],
            "score.baseline": [1, 0],
            "latency-ms.baseline": [16, 15],
            "cost.baseline": [0, 0],
            "exact.baseline": [1, 0],
            "success": [True, True],
            "score": [1, 1],
            "latency-ms": [27, 15],
            "cost": [0.001, 0.001],
            "exact": [1, 1],
            "ferry": ["A", "B"],
            "language": ["de", "en"],
        },
    ),
    SAMPLES: (
        "lm-eval",
        False,
        {
            "id": ["0-7f1b796e", "1-4e6338d0", "2-fbe781da"],
            "dataset": ["ferry", "ferry", "ferry"],
            "exact-match": [0.0, 1.0, 0.0],
            "question": ["When?", "Where?", "Who?"],
            "answer": ["08:00", "lol", "me"],
        },
    ),
    "lm-eval.json": (
        "lm-eval",
        True,
        {"id": ["ferry-1.0"], "dataset": ["ferry"], "exact-match": [0.3333333333333333]},
    ),
    "deepeval.json": (
        "deepeval",
        False,
        {
            "id": ["ferry-0-8f2f9fe8", "ferry-1-6ffa6732", "ferry-2-15f0c250"],
            "exact-match": [0.0, 1.0, 1.0],
            "success": [False, True, True],
        },
    ),
    "mlflow.json": (
        "mlflow",
        True,
        {"id": ["run"], "accuracy": [0.83], "near-duplicates": [0.0]},
    ),
    "otel.jsonl": (
        "opentelemetry",
        False,
        {
            "id": ["ferry-0", "ferry-1", "ferry-2"],
            "relevance": [1.0, 0.0, 1.0],
            "gen-ai.response.id": ["chatcmpl-0", "chatcmpl-1", "chatcmpl-2"],
            "test.case.name": ["ferry-0", "ferry-1", "ferry-2"],
        },
    ),
}


@pytest.mark.parametrize(("name", "expected"), READ.items(), ids=READ.keys())
def test_what_a_tool_wrote_is_read_as_cases(
    name: str, expected: tuple[str, bool, dict[str, list[Any]]]
) -> None:
    key, table = read(name, (OUTPUTS / name).read_bytes())

    assert (key, table.aggregate, dict(table.columns)) == expected


def test_every_output_of_a_tool_is_read() -> None:
    assert {path.name for path in OUTPUTS.iterdir()} == {*READ, "README.md"}


def test_two_filters_of_lm_eval_are_two_metrics_of_one_case() -> None:
    line = {"doc_id": 0, "doc": {}, "doc_hash": "ab", "resps": [], "metrics": ["exact_match"]}
    lines = [
        {**line, "filter": "strict-match", "exact_match": 0},
        {**line, "filter": "flexible-extract", "exact_match": 1},
    ]

    _, table = read("s.jsonl", "\n".join(map(json.dumps, lines)).encode())

    assert table.columns == {
        "id": ["0-ab"],
        "exact-match-strict-match": [0],
        "exact-match-flexible-extract": [1],
    }


def test_a_run_from_the_rest_api_of_mlflow_names_the_data_that_it_logged() -> None:
    """By the documentation of `runs/get`; the command line writes another form, see above."""
    metrics = [{"key": "near_duplicates", "value": 0, "timestamp": "1", "step": "0"}]
    dataset = {"name": "wdbc", "digest": "1a2b", "source_type": "code"}
    run = {
        "info": {"run_id": "f00"},
        "data": {"metrics": metrics},
        "inputs": {"dataset_inputs": [{"tags": [], "dataset": dataset}]},
    }

    _, table = read("run.json", json.dumps({"run": run}).encode())

    assert table.columns == {"id": ["wdbc-1a2b"], "near-duplicates": [0]}


def test_an_evaluation_may_be_an_event_of_its_span() -> None:
    """By the semantic conventions for GenAI; a label counts where there is no number."""
    attributes = [
        {"key": "gen_ai.evaluation.name", "value": {"stringValue": "Grounded"}},
        {"key": "gen_ai.evaluation.score.label", "value": {"stringValue": "pass"}},
    ]
    event = {"name": "gen_ai.evaluation.result", "attributes": attributes}
    other = {"name": "exception", "attributes": []}
    span = {"spanId": "ab12", "events": [other, event]}
    spans = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}

    _, table = read("spans.json", json.dumps(spans).encode())

    assert table.columns == {"id": ["ab12"], "grounded": [1]}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xml", "<!DOCTYPE x><testsuite/>", "a.xml is not a test run in JUnit XML"),
        (
            "a.json",
            {"results": {"prompts": [], "results": [{"promptIdx": 3}]}},
            "a.json has a result of no prompt",
        ),
        (
            "a.json",
            {"resourceLogs": []},
            "a.json has no event gen_ai.evaluation.result",
        ),
        (
            "a.jsonl",
            (OUTPUTS / "otel.jsonl").read_text().replace("ferry-1", "ferry-0"),
            "a.jsonl:2 has a second `relevance` of ferry-0",
        ),
        (
            "a.json",
            {"testCases": [], "metricsScores": []},
            "a.json has no column `id`, but no column",
        ),
    ],
)
def test_a_damaged_output_is_refused(name: str, content: object, message: str) -> None:
    text = content if isinstance(content, str) else json.dumps(content)

    with pytest.raises(UserError) as raised:
        read(name, text.encode())

    assert raised.value.message == message


HOSTILE = [None, [], {}, "x", 3, [None], [[]], {"a": None}, {"id": {}}, [{"id": []}]]


@pytest.mark.parametrize("name", ["promptfoo.json", "lm-eval.json", "deepeval.json", "mlflow.json"])
@pytest.mark.parametrize("wrong", HOSTILE, ids=repr)
def test_a_wrong_type_anywhere_is_no_traceback(name: str, wrong: object) -> None:
    content = json.loads((OUTPUTS / name).read_bytes())
    for key in content:
        inner = content[key]
        variants = [{**content, key: wrong}]
        if isinstance(inner, dict):
            variants += [{**content, key: {**inner, part: wrong}} for part in inner]
            variants += [
                {**content, key: {**inner, part: [wrong, *rest]}}
                for part, rest in inner.items()
                if isinstance(rest, list)
            ]
        if isinstance(inner, list):
            variants.append({**content, key: [wrong, *inner]})
        for variant in variants:
            source = Source(name=name, content=json.dumps(variant).encode())
            for module in FORMATS.values():
                with suppress(UserError):
                    module.read(source)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([".csv", ".tsv", ".jsonl", ".json", ".xml", ".parquet", ""]),
    st.sampled_from([b"", b"id,a\n", b"{", b"[", b"<", b"PAR1", b"\xef\xbb\xbf"]),
    st.binary(max_size=200) | st.text(alphabet='id,;\t\n\r"{}[]:1<>', max_size=200).map(str.encode),
)
def test_any_bytes_are_no_traceback(ending: str, start: bytes, rest: bytes) -> None:
    source = Source(name=f"scores{ending}", content=start + rest)
    for module in FORMATS.values():
        with suppress(UserError):
            module.read(source)


# Gates


def decide(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, *changes: str) -> str:
    (tmp_path / "docs").mkdir()
    pack = SMALL_PACK
    for old, new in (change.split(" → ") for change in changes):
        assert old in pack
        pack = pack.replace(old, new)
    (tmp_path / "docs/eval_pack.md").write_text(pack)
    (tmp_path / name).write_bytes((OUTPUTS / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    pinned = CliRunner().invoke(cli, ["gate", "--pin", name])
    assert pinned.exit_code == 0, pinned.output
    return CliRunner().invoke(cli, ["gate", name]).output.splitlines()[1]


@pytest.mark.parametrize(
    ("name", "metric", "dataset", "n"),
    [
        ("junit.xml", "passed", "support", 3),
        ("promptfoo.json", "success", "support", 2),
        (SAMPLES, "exact-match", "ferry", 3),
        ("deepeval.json", "success", "support", 3),
        ("otel.jsonl", "relevance", "support", 3),
    ],
)
def test_a_gate_is_decided_on_the_bound_of_the_cases(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    metric: str,
    dataset: str,
    n: int,
) -> None:
    metrics = f"id: correct → id: {metric}", f"metric: correct → metric: {metric}"
    data = f"id: support → id: {dataset}", f"dataset: support → dataset: {dataset}"

    row = decide(tmp_path, name, monkeypatch, *metrics, *data, "threshold: 0.1 → threshold: 0.01")

    assert row.startswith("answers  lower95 0.")
    assert row.endswith(f"pass     {metric} on {dataset}, slice all, n {n}")


def test_an_average_decides_no_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = "id: correct → id: accuracy", "metric: correct → metric: accuracy"

    row = decide(tmp_path, "mlflow.json", monkeypatch, *changes)

    assert row.endswith(
        "fail     mlflow.json has no cases, so accuracy has no interval; "
        "give the file with the single cases [needs-cases]"
    )


def test_an_average_decides_a_gate_on_the_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = (
        "id: crashes → id: near-duplicates",
        "metric: correct → metric: near-duplicates",
        'op: ">=" → op: "<="',
        "threshold: 0.1 → threshold: 0",
        "bound: lower95 → bound: point",
    )

    row = decide(tmp_path, "mlflow.json", monkeypatch, *changes)

    assert row.endswith("pass     near-duplicates on support, slice all, n 1")
