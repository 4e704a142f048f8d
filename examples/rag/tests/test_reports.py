"""What stands in a report, and what a report refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from harbour_answers.intervals import Interval
from harbour_answers.reports import (
    Artifact,
    Dataset,
    Report,
    Result,
)

INTERVAL = Interval(0.1, 0.25, "bootstrap", "row")


def written(report: Report, folder: Path) -> dict[str, Any]:
    path = folder / "out" / "demo.json"
    report.write(path, command="python -m evals.demo", packages=["numpy"])
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_a_report_says_what_was_measured_on_what(tmp_path: Path) -> None:
    report = Report("demo", 7)
    report.datasets.append(Dataset("d", "a" * 64, 3))
    report.artifacts.append(Artifact("model", "m", "b" * 64))
    report.results.append(Result("auc", "d", "all", 0.12345678, 3, INTERVAL))
    content = written(report, tmp_path)
    assert content["run"].keys() == {
        "command",
        "commit",
        "dirty",
        "seed",
        "started_at",
        "cpu_seconds",
        "python",
        "packages",
    }
    del content["run"]
    assert content == {
        "version": 1,
        "track": "demo",
        "datasets": [{"id": "d", "sha256": "a" * 64, "rows": 3}],
        "artifacts": [{"kind": "model", "name": "m", "sha256": "b" * 64, "path": None}],
        "results": [
            {
                "metric": "auc",
                "dataset": "d",
                "slice": "all",
                "value": 0.123457,
                "n": 3,
                "interval": {
                    "lower": 0.1,
                    "upper": 0.25,
                    "method": "bootstrap",
                    "unit": "row",
                    "level": 0.95,
                },
                "against": None,
            }
        ],
    }


def test_the_same_thing_measured_twice_is_refused(tmp_path: Path) -> None:
    report = Report("demo", 7)
    report.results += [Result("auc", "d", "all", value, 3, INTERVAL) for value in (0.1, 0.2)]
    with pytest.raises(ValueError, match="measured twice"):
        written(report, tmp_path)


def test_a_difference_stands_beside_the_number_itself(tmp_path: Path) -> None:
    report = Report("demo", 7)
    report.results += [
        Result("auc", "d", "all", 0.9, 3, INTERVAL),
        Result("auc", "d", "all", 0.1, 3, INTERVAL, against="dummy"),
    ]
    assert [r["against"] for r in written(report, tmp_path)["results"]] == [None, "dummy"]


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    report = Report("demo", 7, results=[Result("auc", "d", "all", float("nan"), 3, INTERVAL)])
    with pytest.raises(ValueError, match="not JSON compliant"):
        written(report, tmp_path)
    assert not (tmp_path / "out" / "demo.json").exists()
