"""Ten recorded public repositories get a blocking gate on their own scores.

The way takes three commands and one edited file: adopt, pin the cases, fill in the rest of
docs/eval_pack.md, decide. The scores are those of a table that the team's eval writes, or of a tool
that it runs.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import inference
import pytest
import yaml
from click.testing import CliRunner, Result

from conftest import ROOT, uvx
from mlcharter.cli import cli

OUTPUTS = ROOT / "tests/gate/tool_outputs"
TABLE = "id,language,passed\n" + "".join(f"case-{n},{'de' * (n % 2)},1\n" for n in range(30))
# What `gate --pin` does not know of the dataset, which it names after the file with the scores
FIELDS = {
    "uri": "tests/cases",
    "licence": "LicenseRef-Ours",
    "card": "docs/cards/data.md",
    "split": "{kind: none, key: null, sha256: null}",
    "synthetic": "0.0",
}
BLOCKS = {
    "metrics": """\
- id: METRIC
  unit: share
  direction: up
  method: wilson
  resample: row
  produced_by: README.md
""",
    "gates": """\
- id: cases-pass
  metric: METRIC
  dataset: DATASET
  slice: all
  against: null
  op: ">="
  threshold: 0.05
  bound: lower95
  min_n: 2
  on_fail: block
  decided_on: 2026-11-01
  rationale: below this the release before is better
""",
}

# Repository, its main language, its scores and its metric
TRIED = [
    ("kserve/kserve", "Go", "table", "passed"),
    ("microsoft/LightGBM", "C++", "table", "passed"),
    ("langgenius/dify", "TypeScript", "promptfoo.json", "success"),
    ("takenking9879/Kubernetes-MLOPS-platform", "YAML", "table", "passed"),
    ("oseeousmane/Credit-Risk-Engine-MLOps", "YAML", "table", "passed"),
    ("DLR-RM/stable-baselines3", "Python", "junit.xml", "passed"),
    ("openai/whisper", "Python", "table", "passed"),
    ("run-llama/sec-insights", "TypeScript", "deepeval.json", "success"),
    ("facebookresearch/ReAgent", "Python", "otel.jsonl", "relevance"),
    ("st-tech/zr-obp", "Python", "table", "passed"),
]
# What a success looks like in each format, and a failure
WORSE = {
    "table": (",1\n", ",0\n"),
    "promptfoo.json": ('"success":true', '"success":false'),
    "deepeval.json": ('"success": true', '"success": false'),
    "junit.xml": ('" /><', '"><failure/></testcase><'),
    "otel.jsonl": (":1.0", ":0.0"),
}
LISTINGS = {
    listing["repository"]: listing
    for listing in json.loads(inference.LISTINGS.read_text(encoding="utf-8"))
}


def fill_in(pack: Path, dataset: str, metric: str) -> None:
    """Edit the eval pack as its owner would."""
    text = pack.read_text(encoding="utf-8")
    for field, value in FIELDS.items():
        text, times = re.subn(rf"^  {field}: null.*$", f"  {field}: {value}", text, flags=re.M)
        assert times == 1
    for kind, block in BLOCKS.items():
        pattern = rf"(<!-- config: {kind} -->\n```yaml\n).*?(?=```)"
        filled = block.replace("METRIC", metric).replace("DATASET", dataset)
        text, times = re.subn(pattern, lambda m, filled=filled: m[1] + filled, text, flags=re.S)
        assert times == 1
    pack.write_text(text, encoding="utf-8")


def rebuild(listing: dict[str, Any], root: Path) -> None:
    root.mkdir()
    inference.rebuild(listing, root, lambda path: f"{path}\n" if path.endswith(".md") else "")
    for arguments in (
        ["init", "--quiet", "--initial-branch=main"],
        ["remote", "add", "origin", listing["remote"]],
        ["add", "--all", "--force"],
        ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "commit", "-qm", "theirs"],
    ):
        subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)


def mlcharter(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def find_ci_line(root: Path, adopted: str) -> str:
    """Return the line for CI: that of the workflow that was written, or the one to add."""
    workflow = root / ".github/workflows/ci.yml"
    if "new: .github/workflows/ci.yml" in adopted:
        steps = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]["charter"]["steps"]
        (line,) = [s["run"] for s in steps if "charter.py gate" in s.get("run", "")]
        return str(line)
    return (
        adopted.partition("let your CI run your eval and then this:\n")[2].splitlines()[0].strip()
    )


def run_in_ci(root: Path, line: str) -> "subprocess.CompletedProcess[str]":
    line = re.sub(r"^python3? ", f"{shlex.quote(sys.executable)} ", line)
    folder = root.parent / "bin"
    known = {
        "PATH": f"{folder if folder.exists() else uvx(folder)}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": str(root.parent / "summary.md"),
    }
    environment = {**os.environ, **known}
    return subprocess.run(
        ["sh", "-ec", line], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("repository", "language", "scores", "metric"),
    TRIED,
    ids=[f"{name}, {language}" for name, language, *_ in TRIED],
)
def test_a_gate_on_its_own_scores_blocks_after_three_commands_and_one_edited_file(
    tmp_path: Path,
    repository: str,
    language: str,
    scores: str,
    metric: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = tmp_path / "repository"
    rebuild(LISTINGS[repository], root)
    monkeypatch.chdir(root)

    adopted = mlcharter("adopt", "--defaults", "--yes")  # the first command
    assert adopted.exit_code == 0, adopted.output
    line = find_ci_line(root, adopted.output)
    assert run_in_ci(root, line).returncode == 0  # there is no gate yet, so CI stays green

    file = root / "scores" / ("cases.csv" if scores == "table" else scores)
    file.parent.mkdir()
    text = TABLE if scores == "table" else (OUTPUTS / scores).read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)
    pinned = mlcharter("gate", "--pin")  # the second
    assert pinned.output.count(f"{file.stem}: ") == 3, pinned.output
    fill_in(root / "docs/eval_pack.md", file.stem, metric)
    edited = subprocess.run(
        ["git", "diff", "--name-only"], cwd=root, check=True, capture_output=True, text=True
    )
    assert edited.stdout == "docs/eval_pack.md\n"
    file.unlink()
    no_scores = run_in_ci(root, line)
    assert (no_scores.returncode, "there is no report" in no_scores.stderr) == (2, True)

    file.write_text(text, encoding="utf-8")
    decided = mlcharter("gate")  # the third
    assert decided.output.endswith("1 gate: 1 pass\n"), decided.output
    assert run_in_ci(root, line).returncode == 0

    proven = mlcharter("prove")
    assert proven.exit_code == 0, proven.output
    assert proven.output.endswith("1 gate proven, 1 of them now\n")
    assert mlcharter("prove", "--check").exit_code == 0

    file.write_text(text.replace(*WORSE[scores]), encoding="utf-8")
    assert "[missed]" in mlcharter("gate").output
    assert run_in_ci(root, line).returncode == 1
    checked = mlcharter("check", "--level", "draft", "--no-cache")
    assert checked.exit_code == 0, checked.output


def test_a_pipeline_of_gitlab_gets_the_line_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "repository"
    rebuild(LISTINGS["st-tech/zr-obp"], root)
    monkeypatch.chdir(root)

    adopted = mlcharter("adopt", "--defaults", "--yes", "--data", "ci=gitlab")

    assert adopted.exit_code == 0, adopted.output
    script = yaml.safe_load((root / ".gitlab-ci.yml").read_text())["charter"]["script"]
    assert script[-2:] == [
        "python tools/charter.py gate",
        "python tools/charter.py prove --check",
    ]
    for line in script[-2:]:
        assert run_in_ci(root, line).stdout.startswith("no gates yet: ")
