"""Reports are validated strictly, and the published schema accepts the same ones."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import mlcharter
from mlcharter.formats import report
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder

REPORT: dict[str, Any] = {
    "version": 1,
    "track": "applied",
    "run": {
        "command": "python -m evals.applied",
        "commit": "0" * 40,
        "dirty": False,
        "seed": 7,
        "started_at": "2026-11-22T23:00:00+00:00",
        "cpu_seconds": 6.4,
        "python": "3.11.7",
        "packages": {"numpy": "2.4.6"},
    },
    "datasets": [{"id": "wdbc", "sha256": "ab" * 32, "rows": 569}],
    "artifacts": [{"kind": "model", "name": "gbm", "sha256": "cd" * 32, "path": None}],
    "results": [
        {
            "metric": "auc",
            "dataset": "wdbc",
            "slice": "all",
            "against": None,
            "value": 0.99,
            "n": 171,
            "interval": {
                "lower": 0.97,
                "upper": 1,
                "level": 0.95,
                "method": "bootstrap",
                "unit": "row",
            },
        },
        {
            "metric": "twins",
            "dataset": "wdbc",
            "slice": "all",
            "against": None,
            "value": 0.0,
            "n": 569,
            "interval": None,
        },
    ],
}


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """REPORT with one value replaced."""
    content = copy.deepcopy(REPORT)
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return content


def test_a_valid_report_is_read_and_matches_the_schema() -> None:
    read = report.parse(json.dumps(REPORT).encode(), "reports/applied.json")

    assert [result.key for result in read.results] == [
        ("auc", "wdbc", "all", None),
        ("twins", "wdbc", "all", None),
    ]
    validator().validate(REPORT)


WRONG = {
    "unknown key": (changed("note", to=""), "has no key `note`; there are `version`, "),
    "text for a number": (
        changed("results", 0, "value", to="0.99"),
        "has `0.99` as `results[1].value`; give a number",
    ),
    "true for a number": (
        changed("results", 0, "value", to=True),
        "has `true` as `results[1].value`; ",
    ),
    "half a row": (changed("results", 0, "n", to=1.5), "has `1.5` as `results[1].n`; "),
    "fewer than no rows": (changed("results", 0, "n", to=-1), "give a whole number at least 0"),
    "unknown method": (
        changed("results", 0, "interval", "method", to="guess"),
        "has `guess` as `results[1].interval.method`; give one of ",
    ),
    "text to print": (
        changed("results", 0, "metric", to="auc | pass"),
        "has `auc | pass` as `results[1].metric`; ",
    ),
    "a line of its own": (
        changed("results", 0, "metric", to="auc\n"),
        "has `auc\\n` as `results[1].metric`; ",
    ),
    "short digest": (changed("datasets", 0, "sha256", to="abc"), "give 64 lower-case hex digits"),
    "time without a zone": (
        changed("run", "started_at", to="2026-11-22T23:00:00"),
        "as `run.started_at`; give a time such as 2026-11-23T08:00:00Z",
    ),
    "no interval key": (
        changed(
            "results", 0, to={k: v for k, v in REPORT["results"][0].items() if k != "interval"}
        ),
        "has no `interval` in `results[1]`; ",
    ),
}


@pytest.mark.parametrize(("content", "place"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_in_a_report_is_named_with_its_path(content: dict[str, Any], place: str) -> None:
    with pytest.raises(UserError) as error:
        report.parse(json.dumps(content).encode(), "reports/applied.json")

    assert error.value.message.startswith("reports/applied.json has ")
    assert place in error.value.message


@pytest.mark.parametrize(
    "content",
    [content for name, (content, _) in WRONG.items() if "zone" not in name],
)
def test_the_schema_refuses_what_the_model_refuses(content: dict[str, Any]) -> None:
    assert list(validator().iter_errors(content))


def validator() -> jsonschema.Draft202012Validator:
    schema = Path(mlcharter.__file__).parent / "schemas/report.json"
    return jsonschema.Draft202012Validator(json.loads(schema.read_text()))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "r.json is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\xff", "r.json is not JSON: 'utf-8' codec can't decode byte 0xff in position 0"),
        (b"[" * 100_000, "r.json is not JSON: "),
        (b"[1" + b"0" * 5000 + b"]", "r.json is not JSON: "),
        (b'{"version": 1, "version": 1}', "r.json is not JSON: duplicate key in an object"),
        (b"[]", "r.json is not an eval report; it has no `version`"),
        (b'{"version": true}', "r.json is not an eval report; it has no `version`"),
        (
            b'{"version": 1, "verdicts": []}',
            "r.json is not an eval report; it has the verdicts of `mlcharter gate`",
        ),
        (b'{"version": 2}', "r.json has version 2; this mlcharter reads version 1"),
        (
            json.dumps(changed("datasets", to=REPORT["datasets"] * 2)).encode(),
            "r.json has a duplicate dataset: wdbc",
        ),
        (
            json.dumps(changed("results", to=REPORT["results"][:1] * 2)).encode(),
            "r.json has a duplicate result: auc on wdbc, slice all",
        ),
        (
            b'{"version": 1, "a\\n::error::b": 1}',
            "r.json has no key `a\\n::error::b`; there are ",
        ),
    ],
    ids=str,
)
def test_a_file_that_is_not_a_report_is_refused_in_one_line(content: bytes, message: str) -> None:
    with pytest.raises(UserError) as error:
        report.parse(content, "r.json")

    assert error.value.message.startswith(message)
    assert "\n" not in error.value.message


def test_nan_is_read_so_that_the_gate_can_fail_on_it() -> None:
    content = json.dumps(changed("results", 0, "value", to=float("nan"))).encode()

    assert report.parse(content, "r.json").results[0].value != 0.99


def test_pipes_folders_links_outside_and_too_large_files_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(json.dumps(REPORT))
    root = tmp_path / "repository"
    root.mkdir()
    os.mkfifo(root / "pipe.json")
    (root / "folder.json").mkdir()
    (root / "link.json").symlink_to(outside)
    (root / "flood.json").write_bytes(b" " * (report.MAX_BYTES + 1))

    for name in ("pipe", "folder", "link", "flood", "missing"):
        with pytest.raises(UserError) as error:
            report.read(f"{name}.json", Folder(root))
        assert error.value.message.startswith(f"{name}.json "), name
