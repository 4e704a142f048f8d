"""A report comes from whoever opened the pull request; its inputs can hang or mislead nobody."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mlcharter.cli import cli
from test_gate import EVAL_PACK, REPORT

pytestmark = pytest.mark.hostile("inputs of a report")


def link_to_folder(root: Path) -> None:
    (root / "src").symlink_to(root, target_is_directory=True)


def link_out(root: Path) -> None:
    (root / "secret.py").symlink_to("/etc/hostname")


def pipe(root: Path) -> None:
    os.mkfifo(root / "pipe.py")


CASES: dict[str, tuple[Callable[[Path], None], list[str], str]] = {
    "a folder that leads to itself": (link_to_folder, ["src/**/*.py"], "`x.py` is gone"),
    "a link out of the repository": (link_out, ["*.py"], "`secret.py` is new"),
    "a pipe": (pipe, ["*.py", "pipe.py"], "`x.py` is gone"),
    "a pattern of many stars": (pipe, ["*a*a*a*a*a*a*a*a*a*a*a*a*b.py"], "`x.py` is gone"),
}


@pytest.mark.parametrize(("make", "patterns", "said"), CASES.values(), ids=CASES.keys())
def test_gate_ends_and_the_report_is_stale(
    make: Callable[[Path], None],
    patterns: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/eval_pack.md").write_text(EVAL_PACK)
    (tmp_path / ("a" * 200)).touch()
    make(tmp_path)
    inputs: dict[str, Any] = {"patterns": patterns, "files": {"x.py": "0" * 64}, "blocks": []}
    (tmp_path / "applied.json").write_text(json.dumps({**REPORT, "inputs": inputs}))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["gate", "applied.json"])
    assert done.exit_code == 1
    assert f"applied.json is stale: {said} since the eval ran" in done.output
