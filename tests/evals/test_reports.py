"""Reports: what the library writes, `mlcharter gate` reads and decides on."""

import datetime
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pandas as pd
import pytest

from mlcharter.evals import METHODS, digests, intervals
from mlcharter.evals.inputs import Inputs
from mlcharter.evals.reports import Report
from mlcharter.formats import report as format_
from mlcharter.gate import engine
from mlcharter.gate.inputs import find_staleness
from mlcharter.support import plugins
from mlcharter.support.files import Folder

LOANS = pd.DataFrame({"income": [1.0, None, 3.0, 4.0], "county": ["a", "b", None, "a"]})
DOCUMENT = "# Eval pack\n\n<!-- config: ope -->\n```yaml\nlog: loans\n```\n"
ESTIMATE = intervals.wilson(90, 100, unit="row")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for path, text in {
        "evals/applied.py": "SEED = 7\n",
        "src/loans/model.py": "C = 1\n",
        "src/loans/.hidden.py": "",
        "docs/eval_pack.md": DOCUMENT,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def read_inputs(repository: Path) -> Inputs:
    return Inputs.read(
        ["evals/*.py", "src/**/*.py"], [("docs/eval_pack.md", "ope")], root=repository
    )


def written(repository: Path) -> Path:
    """A report with a share, a count, a slice and an artifact."""
    report = Report("applied", seed=7)
    report.add_dataset("loans", digests.frame(LOANS), rows=100)
    report.add_slice("loans", "all", unit="row", n=100)
    report.add_artifact("model", "logreg", "ab" * 32)
    report.add("accuracy", "loans", ESTIMATE)
    report.add_count("duplicates", "loans", 0, n=100)
    path = repository / "reports/applied.json"
    report.write(
        path, command="python -m evals.applied", packages=["numpy"], inputs=read_inputs(repository)
    )
    return path


def test_the_format_reads_what_was_written(repository: Path) -> None:
    path = written(repository)

    found = format_.read("reports/applied.json", Folder(repository))

    assert [(r.key, r.value, r.n, r.interval) for r in found.results] == [
        (
            ("accuracy", "loans", "all", None),
            0.9,
            100,
            format_.Interval(
                lower=0.825634, upper=0.944771, level=0.95, method="wilson", unit="row"
            ),
        ),
        (("duplicates", "loans", "all", None), 0.0, 100, None),
    ]
    assert found.run.packages.keys() == {"mlcharter", "numpy"}
    assert found.methods.items() >= {("digests", "1"), ("wilson", "1")}
    assert found.methods.items() <= METHODS.items()
    assert found.inputs and found.inputs.files.keys() == {"evals/applied.py", "src/loans/model.py"}
    assert [entry.name for entry in path.parent.iterdir()] == ["applied.json"]


def configs(threshold: float) -> dict[str, Any]:
    """The config blocks of an eval pack with one gate, on accuracy."""
    gate = {"id": "accurate", "metric": "accuracy", "dataset": "loans", "slice": "all"}
    limit = {"op": ">=", "threshold": threshold, "bound": "lower95", "min_n": 50}
    reasons = {"on_fail": "block", "decided_on": "2026-11-01", "rationale": "a reason"}
    metric = {"id": "accuracy", "unit": "ratio", "direction": "up", "method": "wilson"}
    slice_ = {"id": "all", "dataset": "loans", "where": "every row", "min_n": 50}
    dataset = {"id": "loans", "uri": "data/loans.csv", "sha256": digests.frame(LOANS), "rows": 100}
    about = {"licence": "CC0-1.0", "card": "cards/loans.md", "synthetic": 0.0}
    blocks = {
        "gates": [{**gate, **limit, **reasons}],
        "metrics": [{**metric, "resample": "row", "produced_by": "evals/applied.py"}],
        "slices": [{**slice_, "protected": False, "alert": None}],
        "datasets": [{**dataset, **about, "split": {"kind": "none", "key": None, "sha256": None}}],
    }
    return {
        kind: msgspec.convert(
            value, plugins.load_one("mlcharter.charter.config", kind).MODEL, strict=False
        )
        for kind, value in blocks.items()
    }


@pytest.mark.parametrize(("threshold", "verdict"), [(0.8, "pass"), (0.85, "fail")])
def test_the_gate_decides_on_what_was_written(
    repository: Path, threshold: float, verdict: str
) -> None:
    path = written(repository)
    report = format_.parse(path.read_bytes(), "reports/applied.json")

    (found,) = engine.decide(
        configs(threshold), {"applied": report}, {}, datetime.date(2026, 12, 1)
    )

    assert (found.gate, found.observed, found.verdict) == ("accurate", 0.825634, verdict)


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("evals/applied.py", "SEED = 8\n", "`evals/applied.py` changed since the eval ran"),
        ("src/loans/new.py", "", "`src/loans/new.py` was added since the eval ran"),
        (
            "docs/eval_pack.md",
            DOCUMENT.replace("loans", "others"),
            "the config block `ope` of `docs/eval_pack.md` changed since the eval ran",
        ),
    ],
)
def test_the_gate_sees_that_an_input_changed(
    repository: Path, path: str, text: str, why: str
) -> None:
    report_path = written(repository)
    report = format_.parse(report_path.read_bytes(), "reports/applied.json")

    before = find_staleness(report, report_path, Folder(repository))
    (repository / path).write_text(text)
    after = find_staleness(report, report_path, Folder(repository))

    assert (before, (after or "").partition(";")[0]) == (None, why)


def test_line_ends_of_a_clone_are_no_change(repository: Path) -> None:
    report_path = written(repository)
    report = format_.parse(report_path.read_bytes(), "reports/applied.json")
    for path in ("evals/applied.py", "docs/eval_pack.md"):
        content = (repository / path).read_bytes()
        (repository / path).write_bytes(content.replace(b"\n", b"\r\n"))

    assert find_staleness(report, report_path, Folder(repository)) is None
    assert read_inputs(repository).content() == json.loads(report_path.read_text())["inputs"]


def test_an_input_that_changes_while_the_eval_runs_is_refused(repository: Path) -> None:
    inputs = read_inputs(repository)
    (repository / "evals/applied.py").write_text("SEED = 8\n")

    with pytest.raises(ValueError, match="changed while it ran"):
        Report("applied", seed=7).content(command="x", inputs=inputs)


def test_code_that_was_used_and_is_no_input_is_named(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("loans.other")
    module.__file__ = str(repository / "src/loans/other.py")
    monkeypatch.setitem(sys.modules, "loans.other", module)

    with pytest.raises(ValueError, match=r"name src/loans/other\.py among the inputs"):
        read_inputs(repository).content()


def test_an_input_that_matches_nothing_is_refused(repository: Path) -> None:
    with pytest.raises(ValueError, match=r"no file matches the input 'data/\*.csv'"):
        Inputs.read(["data/*.csv"], root=repository)


def test_a_block_that_is_not_there_is_refused(repository: Path) -> None:
    with pytest.raises(ValueError, match="no config block of kind slices"):
        Inputs.read(["evals/*.py"], [("docs/eval_pack.md", "slices")], root=repository)


def report_with(value: float = 0.5, **changes: Any) -> Report:
    report = Report("applied", seed=1)
    report.add_dataset("loans", "ab" * 32, rows=3)
    report.add_count(
        **{"metric": "duplicates", "dataset": "loans", "value": value, "n": 3, **changes}
    )
    return report


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"value": float("nan")}, "duplicates on loans, slice all is not finite: nan"),
        ({"metric": "AUC"}, "metric 'AUC' is no id; use lower-case letters"),
        ({"slice": "a b"}, "slice 'a b' is no id"),
    ],
)
def test_what_the_gate_could_not_read_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        report_with(**changes)


def test_a_result_is_added_once() -> None:
    report = report_with()

    with pytest.raises(ValueError, match="duplicates on loans, slice all is in the report already"):
        report.add_count("duplicates", "loans", 1, n=3)


def test_a_result_of_unknown_data_is_refused() -> None:
    with pytest.raises(ValueError, match="add_dataset was not called for others"):
        report_with(dataset="others").content(command="x")


def test_two_variants_of_a_method_are_both_named() -> None:
    report = report_with()
    for slice in ("a", "b"):
        method: Any = "bca" if slice == "a" else "percentile"
        estimate = intervals.mean([1.0, 2, 5], unit="row", seed=1, method=method)
        report.add("mean", "loans", estimate, slice=slice)

    methods = report.content(command="x")["methods"]

    assert (methods["bca"], methods["percentile"]) == ("1", "1")


def test_commit_and_changes_come_from_git(repository: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
        command = ["git", "-C", str(repository), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")

    def run() -> dict[str, Any]:
        content = Report("applied", seed=7).content(command="x", inputs=read_inputs(repository))
        return {key: content["run"][key] for key in ("commit", "dirty")}

    head = git("rev-parse", "HEAD")
    assert run() == {"commit": head, "dirty": False}
    (repository / "reports").mkdir()
    (repository / "reports/applied.json").write_text("{}")
    assert run() == {"commit": head, "dirty": False}
    (repository / "evals/applied.py").write_text("SEED = 8\n")
    assert run() == {"commit": head, "dirty": True}


def test_outside_of_git_there_is_no_commit(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repository.parent))

    content = Report("applied", seed=7).content(command="x", inputs=read_inputs(repository))

    assert (content["run"]["commit"], content["run"]["dirty"]) == (None, None)


def test_two_runs_differ_in_run_only() -> None:
    one, other = (report_with().content(command="x") for _ in range(2))
    del one["run"], other["run"]

    assert one == other
