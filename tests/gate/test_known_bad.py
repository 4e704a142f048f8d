"""A report of a broken variant fails its own gate, and only the others that depend on it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import ROOT, Render
from mlcharter.cli import cli

TESTS = ROOT / "template/project/tests"
KNOWN_BAD = [
    path for eval_ in ("agents", "rl") for path in sorted(TESTS.glob(f"{eval_}/known_bad/*"))
]
NOT_ADMISSIBLE = {"ope/go", "ope/estimator-disagreement"}
# Config blocks use the same numbers as gates; if few trips have all weight, estimators disagree.
FOLLOWS = {
    "canary-exploration": {"rl_rollout/exploration"},
    "canary-violations": {"rl_rollout/violation-rate"},
    "kill-delay": {"rl_rollout/kill-delay"},
    "kill-false-trip": {"rl_rollout/kill-false-trip"},
    "ope-uplift": {"ope/go"},
    "ope-disagreement": NOT_ADMISSIBLE,
    "ope-ess-ratio": {"ope/ess-ratio", "ope-disagreement", *NOT_ADMISSIBLE},
    "ope-largest-weight": {
        *("ope/largest-weight", "ope-ess-ratio", "ope/ess-ratio", "ope-disagreement"),
        *NOT_ADMISSIBLE,
    },
}


@pytest.mark.parametrize("report", KNOWN_BAD, ids=lambda path: path.stem)
def test_a_broken_variant_fails_exactly_its_gate(
    report: Path, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = report.parts[-3]
    setting = "several-agents" if name == "agents" else "offline"
    monkeypatch.chdir(render(tracks=["rl"], rl_setting=setting))
    done = CliRunner().invoke(cli, ["gate", "--format", "json", str(report)])
    verdicts = json.loads(done.output)["verdicts"]
    measured = {v["gate"] for v in verdicts if v["reason"] != "not-produced"}
    failed = {v["gate"] for v in verdicts if v["verdict"] != "pass"}
    assert failed & measured == {report.stem} | FOLLOWS.get(report.stem, set())
