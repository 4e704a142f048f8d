"""Our pre-commit hook, run from a clone of this checkout by pre-commit and prek."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, Render

BIN = Path(sys.executable).parent
WIKI = "\nSee [the wiki](wiki.md).\n"


@pytest.fixture
def repository(render: Render, tmp_path: Path) -> Path:
    """Provide a repository with broken links in two documents, one of them staged."""
    root = tmp_path / "harbour"
    shutil.copytree(render(tracks=["applied"], tier="production", layout="documents"), root)
    (root / ".pre-commit-config.yaml").unlink()
    with (root / "ops/runbook.md").open("a") as file:
        file.write(WIKI)
    run(root, "git", "init", "--quiet")
    run(root, "git", "add", "--all")
    run(root, "git", "commit", "--quiet", "--message", "Found it")
    with (root / "docs/design_doc.md").open("a") as file:
        file.write(WIKI)
    run(root, "git", "add", "--all")
    return root


@pytest.fixture(autouse=True)
def _homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both programs install into a temporary folder."""
    for name in ("PRE_COMMIT_HOME", "PREK_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "homes"))


def run(root: Path, *args: str) -> "subprocess.CompletedProcess[str]":
    """Run a program with this environment's other programs in PATH."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        args,
        cwd=root,
        env=os.environ | {"PATH": path, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_the_hook_shows_only_findings_of_changed_and_deleted_files(
    repository: Path, tmp_path: Path, program: str
) -> None:
    """Each of the two programs installs this project with its dependencies."""
    run(repository, "git", "clone", "--quiet", str(ROOT), str(tmp_path / "mlcharter"))
    args = ("try-repo", str(tmp_path / "mlcharter"), "mlcharter-check")
    line = len((repository / "docs/design_doc.md").read_text().splitlines())

    assert found(run(repository, str(BIN / program), *args)) == [
        f"docs/design_doc.md:{line}:5: `wiki.md` does not exist; correct it [link-broken]"
    ]
    run(repository, "git", "commit", "--quiet", "--message", "Name the wiki")
    run(repository, "git", "rm", "--quiet", "cost/cost_dashboard_spec.md")
    assert found(run(repository, str(BIN / program), *args)) == [
        "cost/cost_dashboard_spec.md:1:1: this standard document is missing; "
        "restore it with `--fix` [document-missing]"
    ]
    run(repository, "git", "reset", "--quiet", "--hard")
    (repository / "notes.txt").write_text("No document.\n")
    run(repository, "git", "add", "--all")
    assert found(run(repository, str(BIN / program), *args)) == []


@pytest.mark.hostile("options in file names")
@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_a_file_named_like_an_option_is_a_file(
    repository: Path, tmp_path: Path, program: str
) -> None:
    """Each of the two programs installs this project with its dependencies."""
    run(repository, "git", "clone", "--quiet", str(ROOT), str(tmp_path / "mlcharter"))
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", tmp_path / "mlcharter")
    run(tmp_path / "mlcharter", "git", "commit", "--quiet", "--all", "--message", "As it is here")
    written = tmp_path / "home/written.md"
    written.parent.mkdir()
    for name in (f"--output=json={written}", "--standard=a.md", "--write-baseline.md"):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text("# A document of nobody\n")
    run(repository, "git", "add", "--all")
    args = ("try-repo", str(tmp_path / "mlcharter"), "mlcharter-check")
    line = len((repository / "docs/design_doc.md").read_text().splitlines())

    assert found(run(repository, str(BIN / program), *args)) == [
        f"docs/design_doc.md:{line}:5: `wiki.md` does not exist; correct it [link-broken]"
    ]
    assert not written.exists()


def found(done: "subprocess.CompletedProcess[str]") -> list[str]:
    """Return the findings of the hook, which fails if there are any."""
    findings = re.findall(r"^ *(\S+\.md:.*)$", done.stdout, re.M)
    assert "charter...." in done.stdout, done.stdout + done.stderr
    assert done.returncode == (1 if findings else 0), done.stdout + done.stderr
    return findings


def test_the_manifest_is_valid() -> None:
    for program in ("pre-commit", "prek"):
        manifest = str(ROOT / ".pre-commit-hooks.yaml")
        done = run(ROOT, str(BIN / program), "validate-manifest", manifest)
        assert done.returncode == 0, done.stdout + done.stderr
