"""Long runs show their progress on a terminal, and only there."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from test_check import read_all
from test_update import (
    Found,
    _cache,  # noqa: F401
    commit,
    found,  # noqa: F401
    git,
    history,  # noqa: F401
)


def steps(root: Path, *args: str) -> tuple[list[str], str]:
    """Return the steps that a command shows on a terminal, and what is left on its last line."""
    end, other = pty.openpty()
    command = [sys.executable, "-m", "mlcharter", *args]
    process = subprocess.Popen(
        command, cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=other
    )
    os.close(other)
    *shown, left = read_all(end).split("\r\x1b[K")
    process.communicate()
    assert process.returncode == 0, shown
    return shown[1:], left


def piped(root: Path, *args: str) -> str:
    """Return what a command prints on stderr if that is not a terminal."""
    command = [sys.executable, "-m", "mlcharter", *args]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return done.stderr


@pytest.mark.field(24, "progress of `new`, `adopt` and `update`")
def test_update_shows_its_steps(found: Found, history: Path) -> None:  # noqa: F811
    root = found()

    assert steps(root, "update", "--defaults", "--to", "v2.0.0") == (
        [
            f"1/5 looking for versions of {history}"[:74],
            "2/5 rendering the template at v1.0.0",
            "3/5 rendering the template at v2.0.0",
            "4/5 merging",
            "5/5 writing 5 files",
        ],
        "",
    )
    assert piped(root, "update", "--abort") == ""


@pytest.mark.field(24, "progress of `new`, `adopt` and `update`")
def test_adopt_shows_its_steps(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "README.md").write_text("# Tides\n")
    commit(tmp_path)
    args = ("adopt", "--defaults", "--dry-run")

    shown, left = steps(tmp_path, *args)

    assert left == ""
    assert shown == ["1/2 reading the repository", "2/2 rendering the template"]
    assert piped(tmp_path, *args) == ""


@pytest.mark.field(24, "progress of `new`, `adopt` and `update`")
def test_new_shows_its_steps(tmp_path: Path) -> None:
    args = ("new", "tides", "--defaults", "--track", "applied")

    assert steps(tmp_path, *args) == (["1/2 rendering the template", "2/2 committing"], "")
    assert piped(tmp_path, "new", "ebb", *args[2:]) == ""
