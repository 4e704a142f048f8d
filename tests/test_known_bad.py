"""A broken variant of the retrieval slice turns its own gate red, and no other."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import ROOT, Render
from mlcharter.cli import cli

KNOWN_BAD = sorted((ROOT / "template/project/tests/rag/known_bad").glob("*.json"))
# The contract `judges` looks at the same two numbers.
SAME_NUMBER = {
    "judge-agreement": {"judges/judge-agreement"},
    "judge-both-orders": {"judges/judge-both-orders"},
}


@pytest.mark.parametrize("report", KNOWN_BAD, ids=lambda path: path.stem)
def test_a_broken_variant_turns_exactly_its_gate_red(
    report: Path, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(render(tracks=["rag"]))
    done = CliRunner().invoke(cli, ["gate", "--format", "json", str(report)])
    red = {v["gate"] for v in json.loads(done.output)["verdicts"] if v["verdict"] != "pass"}
    assert red == {report.stem} | SAME_NUMBER.get(report.stem, set())
