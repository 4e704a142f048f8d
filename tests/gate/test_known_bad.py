"""A report of a broken variant fails its own gate, and only the others that depend on it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import ROOT, Render
from mlcharter.cli import cli

TESTS = ROOT / "template/project/tests"
KNOWN_BAD = [path for eval_ in ("rag",) for path in sorted(TESTS.glob(f"{eval_}/known_bad/*"))]
# Config blocks use the same numbers as gates.
FOLLOWS = {
    "judge-agreement": {"judges/judge-agreement"},
    "judge-both-orders": {"judges/judge-both-orders"},
}


@pytest.mark.parametrize("report", KNOWN_BAD, ids=lambda path: path.stem)
def test_a_broken_variant_fails_exactly_its_gate(
    report: Path, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(render(tracks=["rag"]))
    done = CliRunner().invoke(cli, ["gate", "--format", "json", str(report)])
    verdicts = json.loads(done.output)["verdicts"]
    measured = {v["gate"] for v in verdicts if v["reason"] != "not-produced"}
    failed = {v["gate"] for v in verdicts if v["verdict"] != "pass"}
    assert failed & measured == {report.stem} | FOLLOWS.get(report.stem, set())
