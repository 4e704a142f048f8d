"""Every gate goes red: the committed output of a broken variant misses the gate made for it.

`make known-bad` runs the broken variants again.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]


def config_entries(kind: str) -> list[dict[str, Any]]:
    """The entries of every config block of that kind in docs/eval_pack.md."""
    text = (ROOT / "docs/eval_pack.md").read_text(encoding="utf-8")
    blocks = text.split(f"<!-- config: {kind} -->\n```yaml\n")[1:]
    return [entry for block in blocks for entry in yaml.safe_load(block.split("\n```")[0])]


# Those of `evals/applied.py` are proven by its `DEFECTS`, without stored reports.
_COMPUTED = {
    metric["id"] for metric in config_entries("metrics") if "applied" in metric["produced_by"]
}
GATES = [gate["id"] for gate in config_entries("gates") if gate["metric"] not in _COMPUTED]
KNOWN_BAD = sorted(ROOT.glob("tests/*/known_bad/*.json"))


@cache
def charter(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tools/charter.py", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def mlcharter() -> None:
    """Skips, with the reason printed, where the pinned mlcharter cannot be had."""
    tried = charter("--version")
    if tried.returncode:
        pytest.skip(f"mlcharter does not run here: {tried.stderr.strip()}")


def test_every_gate_has_its_broken_variant_and_none_is_left_over() -> None:
    assert sorted(path.stem for path in KNOWN_BAD) == sorted(GATES)


@pytest.mark.parametrize("gate", GATES)
def test_the_broken_variant_misses_its_gate_by_its_number(gate: str, mlcharter: None) -> None:
    [report] = [path for path in KNOWN_BAD if path.stem == gate]
    done = charter("gate", "--only", gate, "--format", "json", str(report))
    assert done.returncode == 1, done.stderr
    [verdict] = json.loads(done.stdout)["verdicts"]
    assert (verdict["gate"], verdict["verdict"], verdict["reason"]) == (gate, "fail", "missed")
