"""Day one: an emitted repository installs, and its own tests, evals and checks pass."""

import datetime
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from journey import OURS, run

from conftest import DAY_ONE, name_case, uvx
from mlcharter.check import engine, eval_reports
from mlcharter.formats.junit import TestRun
from mlcharter.support.files import Folder

pytestmark = pytest.mark.journey
CORPUS = "data/rag/corpus"
# Tests of parts that a team gets without them, by track.
PARTS = {
    "platform": Path(__file__).with_name("serving"),
    "rag": Path(__file__).with_name("answering"),
}
ACTING = Path(__file__).with_name("acting")


@pytest.mark.parametrize("answers", DAY_ONE, ids=name_case)
def test_a_new_repository_is_green(tmp_path: Path, answers: dict[str, Any]) -> None:
    starter, system = answers.get("starter", True), tmp_path / "system"
    given = {name: ",".join(v) if isinstance(v, list) else v for name, v in answers.items()}
    words = [word for name in given for word in ("--data", f"{name}={given[name]}")]
    run(tmp_path, *OURS, "new", "system", "--defaults", *words)

    for track in PARTS.keys() & answers["tracks"] if starter else ():
        shutil.copytree(PARTS[track], system / "tests" / track, dirs_exist_ok=True)

    printed = run(system, "make", "setup", "test", "eval", "prove", "check", "sbom")

    assert " passed" in printed
    assert " failed" not in printed
    reports = sorted(path.name for path in (system / "reports").glob("*.json"))
    evals = sorted(path.stem for path in (system / "evals").glob("[!_]*.py"))
    assert set(evals) >= set(answers["tracks"])
    if starter:
        assert reports == [f"{name}.json" for name in evals]
    else:
        # A service is tried without a system to serve; its gates are for a person to decide.
        serves = answers["tracks"] == ["platform"]
        assert reports == (["platform.json"] if serves else [])
        assert "not configured yet" in printed
        assert ("16 gates: 16 undecided" if serves else "no gates yet") in printed
        fails = run(system, ".venv/bin/mlcharter", "check", "--level", "complete", code=1)
        assert ("gate-undecided" if serves else "config-unfilled") in fails
        if "rag" in evals:
            fit = [".venv/bin/python", "-m", "evals._rag_fit"]
            told = subprocess.run(fit, cwd=system, capture_output=True, text=True).stderr
            assert told == f"nothing to learn from yet: put Markdown pages into {CORPUS}\n"
    assert run(system, "git", "status", "--porcelain", "--", "docs") == ""
    if starter and "rag" in answers["tracks"]:
        check_with(system, "tantivy==0.27.0", ["tests/rag/test_other_store.py"])
        check_with(system, "faiss-cpu==1.15.1", ["tests/rag/test_faiss_store.py"])
    if starter and answers.get("rag_tools"):
        attack_tools(system)


def check_with(system: Path, package: str, tests: list[str]) -> None:
    """Run tests that need a package which a team may not have."""
    run(system, ".venv/bin/uv", "pip", "install", "--python", ".venv/bin/python", package)
    printed = run(system, ".venv/bin/pytest", "-q", *tests)
    assert " passed" in printed
    assert " skipped" not in printed


def attack_tools(system: Path) -> None:
    """Run our attacks on the gate of tools; they need a server of MCP, which a team may not."""
    shutil.copytree(ACTING, system / "tests/rag", dirs_exist_ok=True)
    attacks = sorted(f"tests/rag/{path.name}" for path in ACTING.glob("test_*.py"))
    check_with(system, "mcp==2.3.0", attacks)


def test_what_a_release_rests_on_is_kept_by_one_command(tmp_path: Path) -> None:
    run(tmp_path, *OURS, "new", "system", "--defaults", "--track", "rl")
    system = tmp_path / "system"

    run(system, "make", "setup", "eval", "release", "NAME=2026-11")

    kept = sorted(path.name for path in (system / "reports/released").iterdir())
    names = ("gates.json", "installed.txt", "rl.json", "sbom.json", "tests.xml")
    assert kept == [f"2026-11-{name}" for name in names]
    again = subprocess.run(["make", "release", "NAME=2026-11"], cwd=system, capture_output=True)
    assert again.returncode == 2
    assert b"reports/released/2026-11-* are kept already\n  hint: commit them" in again.stderr
    charter = engine.open_charter(Folder(system), datetime.date(2026, 12, 1))
    read = eval_reports.test_run(charter)
    assert isinstance(read, TestRun)
    assert read.find_outcomes(["tests/rl/test_shield.py"]) == {"tests/rl/test_shield.py": "passed"}
    verdicts = eval_reports.kept_verdicts(charter)
    assert isinstance(verdicts, eval_reports.Kept)
    assert engine.findings(charter, engine.load(["verdict-differs", "test-run-missing"])) == []


def test_a_repository_of_documents_is_green(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, *OURS, "new", "system", "--defaults", "--data", "layout=documents")

    assert not (tmp_path / "system/Makefile").exists()
    monkeypatch.setenv("PATH", f"{uvx(tmp_path / 'bin')}{os.pathsep}{os.environ['PATH']}")
    run(tmp_path / "system", sys.executable, "tools/charter.py", "check")


@pytest.fixture(autouse=True)
def _pinned(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mlcharter that `make setup` installs is this checkout's."""
    monkeypatch.setenv("MLCHARTER_SOURCE", str(wheel))
