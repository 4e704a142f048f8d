"""Day one: an emitted repository installs, and its own tests, evals and checks pass."""

import datetime
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import DAY_ONE, uvx
from mlcharter.check import engine, eval_reports
from mlcharter.formats.junit import TestRun
from mlcharter.support.files import Folder

pytestmark = pytest.mark.journey
# Tests of parts that a team gets without them, by track.
PARTS = {
    "platform": Path(__file__).with_name("serving"),
    "rag": Path(__file__).with_name("answering"),
}
MLCHARTER = [sys.executable, "-m", "mlcharter"]


@pytest.mark.parametrize("answers", DAY_ONE, ids=lambda answers: "-".join(answers["tracks"]))
def test_a_new_repository_is_green(tmp_path: Path, answers: dict[str, Any]) -> None:
    given = {name: ",".join(v) if isinstance(v, list) else v for name, v in answers.items()}
    words = [word for name in given for word in ("--data", f"{name}={given[name]}")]
    run(tmp_path, *MLCHARTER, "new", "system", "--defaults", *words)

    for track in PARTS.keys() & answers["tracks"]:
        shutil.copytree(PARTS[track], tmp_path / "system/tests" / track, dirs_exist_ok=True)

    printed = run(tmp_path / "system", "make", "setup", "test", "eval", "prove", "check", "sbom")

    assert " passed" in printed
    assert " failed" not in printed
    reports = sorted(path.name for path in (tmp_path / "system/reports").glob("*.json"))
    evals = sorted(path.stem for path in (tmp_path / "system/evals").glob("[!_]*.py"))
    if answers.get("starter", True):
        assert reports == [f"{name}.json" for name in evals]
    else:
        assert reports == []
        assert "not configured yet" in printed
        assert "no gates yet" in printed
    assert set(evals) >= set(answers["tracks"])
    assert run(tmp_path / "system", "git", "status", "--porcelain", "--", "docs") == ""


def test_what_a_release_rests_on_is_kept_by_one_command(tmp_path: Path) -> None:
    run(tmp_path, *MLCHARTER, "new", "system", "--defaults", "--track", "rl")
    system = tmp_path / "system"

    run(system, "make", "setup", "eval", "freeze", "NAME=2026-11")

    kept = sorted(path.name for path in (system / "reports/released").iterdir())
    names = ("gates.json", "installed.txt", "rl.json", "sbom.json", "tests.xml")
    assert kept == [f"2026-11-{name}" for name in names]
    again = subprocess.run(["make", "freeze", "NAME=2026-11"], cwd=system, capture_output=True)
    assert again.returncode == 2
    assert b"reports/released/2026-11-* are kept already; name this one" in again.stdout
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
    run(tmp_path, *MLCHARTER, "new", "system", "--defaults", "--data", "layout=documents")

    assert not (tmp_path / "system/Makefile").exists()
    monkeypatch.setenv("PATH", f"{uvx(tmp_path / 'bin')}{os.pathsep}{os.environ['PATH']}")
    run(tmp_path / "system", sys.executable, "tools/charter.py", "check")


@pytest.fixture(autouse=True)
def _pinned(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mlcharter that `make setup` installs is this checkout's."""
    monkeypatch.setenv("MLCHARTER_SOURCE", str(wheel))


def run(cwd: Path, *words: str) -> str:
    """Run as a person would; return its whole output."""
    hidden = ("VIRTUAL_ENV", "PYTEST_CURRENT_TEST", "MAKEFLAGS", "MAKELEVEL", "PYTEST_XDIST_WORKER")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout
