"""ARCHITECTURE.md lists what `check`, `new` and `update` pass; here they run and are compared."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest
from click.testing import CliRunner

import mlcharter
from mlcharter.cli import cli

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = f"{Path(mlcharter.__file__).parent}/"
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def listed(command: str) -> list[str]:
    """The functions that the page lists for a command, in its order."""
    section = PAGE.split(f"## The life of one `{command}`\n")[1].split("\n## ")[0]
    return re.findall(r"^\d+\. `([\w.]+)`", section, re.MULTILINE)


def first_calls(run: Callable[[], object], names: list[str]) -> list[str]:
    """Those of `names` that `run` calls, in the order of their first calls."""
    found: list[str] = []

    def look(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE):
            module = code.co_filename.removeprefix(PACKAGE).removesuffix(".py").replace("/", ".")
            name = f"{module}.{code.co_qualname.removesuffix('.__init__')}"
            if name in names and name not in found:
                found.append(name)

    sys.setprofile(look)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found


def invoke(*words: str) -> None:
    result = CliRunner().invoke(cli, list(words))
    assert result.exit_code in (0, 1), result.output


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    invoke("new", str(tmp_path / "harbour"), "--defaults", "--data", "tier=prototype")
    return tmp_path / "harbour"


def test_a_check_passes_what_the_page_lists(repository: Path) -> None:
    words = ("check", str(repository), "--no-cache")

    assert first_calls(lambda: invoke(*words), listed("check")) == listed("check")


def test_new_passes_what_the_page_lists(tmp_path: Path) -> None:
    words = ("new", str(tmp_path / "harbour"), "--defaults")

    assert first_calls(lambda: invoke(*words), listed("new")) == listed("new")


def test_an_update_passes_what_the_page_lists(repository: Path) -> None:
    words = ("update", str(repository), "--data", "tier=production", "--defaults")

    assert first_calls(lambda: invoke(*words), listed("update")) == listed("update")
