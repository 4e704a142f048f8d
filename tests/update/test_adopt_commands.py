"""The commands that `adopt` prints and writes exist in the repository that it leaves behind."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from test_adopt import answers, write
from test_gating_any_repository import fill_in
from test_offered_commands import missing, offered
from test_update import _cache, commit, git  # noqa: F401

from mlcharter.cli import cli

CODE = {"train.py": "import sklearn\n", "Makefile": "test:\n\ttrue\n"}
PIPELINE = {".github/workflows/ci.yml": "name: ci\non: push\njobs: {}\n"}
STEP = "to decide gates, let your CI run your eval and then this:\n  "


def repository(root: Path, files: dict[str, str]) -> Path:
    root.mkdir(parents=True)
    write(root, files)
    git(root.parent, "init", "--quiet", str(root))
    commit(root)
    return root


def adopt(root: Path, *words: str) -> str:
    words = ("adopt", str(root), "--defaults", "--yes", "--track", "applied", *words)
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_gate_of_a_team_s_own_pipeline_is_decided_where_the_starter_is_written(
    tmp_path: Path,
) -> None:
    root = repository(tmp_path / "berths", {"NOTES.md": "Ours.\n"} | PIPELINE)

    printed = adopt(root)

    assert answers(root)["layout"] == "full"
    assert f"{STEP}.venv/bin/mlcharter gate reports/*.json\n" in printed
    assert "charter.py gate" not in printed


def test_the_gate_of_a_package_is_decided_where_the_starter_is_written(tmp_path: Path) -> None:
    top = repository(tmp_path / "mono", {"pkg/NOTES.md": "Ours.\n"})

    printed = adopt(top / "pkg")

    assert "  CI: pkg/.venv/bin/mlcharter check pkg\n" in printed
    gate = "cd pkg && .venv/bin/mlcharter gate reports/*.json"
    assert f"  CI, after your eval: {gate}\n" in printed


def test_the_script_that_prints_a_requirement_runs_no_command(tmp_path: Path) -> None:
    root = repository(tmp_path / "berths", {"NOTES.md": "Ours.\n"})
    adopt(root)

    words = [sys.executable, "tools/charter.py", "gate", "--pin"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "tools/charter.py: it takes no arguments; run `.venv/bin/mlcharter gate --pin`\n"
    )


@pytest.mark.parametrize(
    ("only", "step"),
    [
        ("docs/eval_pack.md,ops/runbook.md", f"{STEP}mlcharter gate\n"),
        ("docs/eval_pack.md,tools/charter.py", f"{STEP}python3 tools/charter.py gate\n"),
        ("ops/runbook.md", None),
    ],
)
def test_only_these_documents_offer_only_commands_that_are_there(
    tmp_path: Path, only: str, step: str | None
) -> None:
    root = repository(tmp_path / "berths", CODE)

    printed = adopt(root, "--only", only)

    assert step in printed if step else "gate" not in printed.replace("--pin", "")
    written = "".join(path.read_text() for path in root.rglob("*.md"))
    scripts = re.findall(r"python3 tools/charter\.py", written)
    assert scripts == [], "a document names a script that may not be there"
    assert "`mlcharter gate --pin` writes" in written or "eval_pack" not in only


def test_only_these_documents_of_a_repository_without_code_bring_no_starter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path / "berths", {"NOTES.md": "Ours.\n"})
    adopt(root, "--only", "docs/eval_pack.md")

    monkeypatch.chdir(root)
    status = CliRunner().invoke(cli, ["status"]).output

    assert answers(root)["layout"] == "documents"
    assert "make " not in status
    commands = offered(status)
    assert {command: missing(command, root) for command in commands} == dict.fromkeys(commands)


def test_a_release_is_kept_without_a_makefile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path / "berths", CODE)
    adopt(root)
    pack = root / "docs/eval_pack.md"
    pack.write_text(pack.read_text().replace("- id: null", "- id: cases", 1))
    fill_in(pack, "cases", "passed")
    pack.write_text(pack.read_text().replace("README.md", "evals/applied.py"))

    monkeypatch.chdir(root)
    found = CliRunner().invoke(cli, ["check", "--level", "release", "--no-cache"]).output

    assert "; save one as reports/released/<month>-applied.json [gate-unproven]" in found
    assert "`make " not in found


def test_only_and_a_starter_exclude_each_other(tmp_path: Path) -> None:
    root = repository(tmp_path / "berths", CODE)
    words = ["adopt", str(root), "--yes", "--only", "ops/runbook.md", "--data", "layout=full"]

    assert CliRunner().invoke(cli, words).output == (
        "error: --only writes documents, and no starter\n  hint: leave out `layout`\n"
    )


def test_a_pipeline_that_is_written_decides_the_gates_itself(tmp_path: Path) -> None:
    root = repository(tmp_path / "berths", CODE)

    printed = adopt(root)

    jobs = yaml.safe_load((root / ".github/workflows/ci.yml").read_text())["jobs"]
    assert any("charter.py gate" in str(step) for step in jobs["charter"]["steps"])
    assert STEP not in printed
