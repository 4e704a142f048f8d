"""`make` in an emitted repository says what it does, and what to run first."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, Render

PROJECT = ROOT / "template/project"
MAKEFILES = ("Makefile", "tools/serving.mk", "tools/kubernetes.mk")
TARGETS = sorted(
    name
    for path in MAKEFILES
    for name in re.findall(r"^([a-z-]+):.*## ", (PROJECT / path).read_text(), re.M)
)
WITHOUT = ("help", "manifests", "setup")


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A repository with two evals, in which nothing is installed."""
    for path in MAKEFILES:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT / path, tmp_path / path)
    (tmp_path / "evals").mkdir()
    for name in ("rag.py", "rl.py", "_parts.py"):
        (tmp_path / "evals" / name).touch()
    return tmp_path


def make(system: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=system,
        env={**os.environ, "LC_ALL": "C", **environment},
        capture_output=True,
        text=True,
    )


def program(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.mark.field(24, "each `make` target before `make setup`")
@pytest.mark.parametrize("target", [name for name in TARGETS if name not in WITHOUT])
def test_before_setup_every_target_names_the_next_command(system: Path, target: str) -> None:
    done = make(system, target)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[0] == (
        f"Nothing is installed yet; run `make setup`, then `make {target}` again"
    )


def test_without_a_live_release_nothing_is_served(system: Path) -> None:
    program(system / ".venv/bin/mlcharter", "echo 'error: no release is live' >&2; exit 2")
    program(system / ".venv/bin/python", "echo served")
    done = make(system, "serve")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == "error: no release is live"


@pytest.mark.field(24, "progress of `make eval`")
def test_eval_says_what_it_measures_and_how_far_it_is(system: Path) -> None:
    program(system / ".venv/bin/python")

    assert make(system, "eval").stdout == (
        "[1/2] evals.rag writes reports/rag.json\n[2/2] evals.rl writes reports/rl.json\n"
    )


def test_an_eval_that_fails_is_the_last(system: Path) -> None:
    program(system / ".venv/bin/python", "exit 1")

    done = make(system, "eval")

    assert done.returncode == 2
    assert done.stdout == "[1/2] evals.rag writes reports/rag.json\n"


@pytest.mark.field(24, "progress of `make setup`")
def test_setup_says_what_it_does(system: Path) -> None:
    program(system / ".venv/bin/python", 'echo "python $*"')
    program(system / "bin/uv", 'echo "uv $1 $2"')
    path = f"{system / 'bin'}{os.pathsep}{os.environ['PATH']}"

    assert make(system, "setup", PATH=path).stdout == (
        "[1/4] Python in .venv\n"
        "[2/4] uv, which installs the rest\n"
        "[3/4] mlcharter and the packages of pyproject.toml, in the versions of constraints.txt\n"
        "uv pip install\n"
        "[4/4] the Git hooks\n"
        "Not the top of a Git repository: no hooks installed.\n"
    )


@pytest.mark.field(7, "a clone with core.autocrlf")
def test_a_clone_has_the_same_bytes_on_a_machine_that_converts_line_ends(
    render: Render, tmp_path: Path
) -> None:
    """A digest in a document, report or release is of these bytes."""
    root = tmp_path / "system"
    shutil.copytree(render(tracks=["rag"]), root)
    (root / "data/measured.csv").write_bytes(b"a,b\r\n1,2\r\n")
    for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "First")):
        subprocess.run(["git", "-C", str(root), *words], check=True)

    clone = tmp_path / "clone"
    words = ["git", "clone", "--quiet", "--config", "core.autocrlf=true", str(root), str(clone)]
    subprocess.run(words, check=True)

    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True, check=True
    )
    names = listed.stdout.rstrip("\0").split("\0")
    assert len(names) > 100
    assert [n for n in names if (root / n).read_bytes() != (clone / n).read_bytes()] == []
