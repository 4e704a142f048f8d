"""A report comes from whoever opened the pull request; its inputs can hang or mislead nobody."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hostile_sizes import charter
from test_gate import EVAL_PACK, REPORT

from mlcharter.cli import cli
from mlcharter.formats.report import InputBlock, Inputs
from mlcharter.gate import inputs
from mlcharter.markdown import document
from mlcharter.support.files import Folder

pytestmark = pytest.mark.hostile("inputs of a report")


def link_to_folder(root: Path) -> None:
    (root / "src").symlink_to(root, target_is_directory=True)


def link_out(root: Path) -> None:
    (root / "secret.py").symlink_to("/etc/hostname")


def pipe(root: Path) -> None:
    os.mkfifo(root / "pipe.py")


def link_to_itself(root: Path) -> None:
    (root / "loop.py").symlink_to("loop.py")


def deep(root: Path) -> None:
    """Folders in folders, more than Python recurses; all but one have a name of one letter."""
    before = Path.cwd()
    os.chdir(root)
    for _ in range(1100):
        Path("a").mkdir()
        os.chdir("a")
    Path("deep.py").touch()
    os.chdir(before)


@pytest.fixture(autouse=True)
def removed(tmp_path: Path) -> Iterator[None]:
    """Remove deep folders from below; Python's own way recurses too."""
    yield
    subprocess.run(["rm", "-rf", str(tmp_path / "a")], check=True)


CASES: dict[str, tuple[Callable[[Path], None], list[str], str]] = {
    "a folder that leads to itself": (link_to_folder, ["src/**/*.py"], "`x.py` is gone"),
    "a link out of the repository": (link_out, ["*.py"], "`secret.py` is new"),
    "a pipe": (pipe, ["*.py", "pipe.py"], "`x.py` is gone"),
    "a pattern of many stars": (pipe, ["*a*a*a*a*a*a*a*a*a*a*a*a*b.py"], "`x.py` is gone"),
    "a pattern of a million stars": (pipe, ["*a" * 1_000_000], "`x.py` is gone"),
    "a link that leads to itself": (link_to_itself, ["*.py", "loop.py"], "`x.py` is gone"),
    "folders in folders": (deep, ["**/*.py"], f"`{'a/' * 1100}deep.py` is new"),
    "a pattern of many folders": (pipe, ["a/" * 2000 + "b"], "`x.py` is gone"),
    "NUL in a pattern": (pipe, ["a\0b/*", "a\0b"], "`x.py` is gone"),
    "half a character in a pattern": (pipe, ["\ud800/*", "\ud800"], "`x.py` is gone"),
    "a name that is too long": (pipe, ["a" * 300, "a" * 5000 + "/*"], "`x.py` is gone"),
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
    named: dict[str, Any] = {"patterns": patterns, "files": {"x.py": "0" * 64}, "blocks": []}
    (tmp_path / "applied.json").write_text(json.dumps({**REPORT, "inputs": named}))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["gate", "applied.json"])
    assert done.exit_code == 1
    assert f"applied.json is stale: {said} since the eval ran" in done.output


def read_once(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[str]:
    """Record the paths for which a function that reads files is called."""
    calls: list[str] = []
    real = getattr(module, name)

    def recorded(*given: Any) -> object:
        calls.extend(word for word in given if isinstance(word, str))
        return real(*given)

    monkeypatch.setattr(module, name, recorded)
    return calls


def test_a_document_is_read_once_however_many_config_blocks_a_report_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pack.md").write_text(EVAL_PACK)
    calls = read_once(monkeypatch, document, "read")
    blocks = [InputBlock(document="pack.md", kind=f"k{n}", sha256="0" * 64) for n in range(1000)]
    named = Inputs(patterns=["*.py"], files={"x.py": "0" * 64}, blocks=blocks)
    assert len(list(inputs.changed(named, Folder(tmp_path)))) == 1001
    assert calls == ["pack.md"]


def test_a_file_is_read_once_however_many_links_lead_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data.csv").write_text("1\n")
    for n in range(100):
        (tmp_path / f"{n}.csv").symlink_to("data.csv")
    calls = read_once(monkeypatch, Folder, "read_pieces")
    named = Inputs(patterns=["*.csv"], files={f"{n}.csv": "0" * 64 for n in range(100)}, blocks=[])
    assert len(list(inputs.changed(named, Folder(tmp_path)))) == 101
    assert calls == ["data.csv"]


def test_evidence_is_digested_once_however_many_links_lead_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = charter(tmp_path, {"data.csv": "1\n"})
    for n in range(100):
        (tmp_path / f"{n}.csv").symlink_to("data.csv")
    calls = read_once(monkeypatch, Folder, "read_pieces")
    assert len({opened.digests(f"{n}.csv") for n in range(100)}) == 1
    assert calls == ["data.csv"]


def test_more_files_than_are_looked_at_come_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(20):
        (tmp_path / f"{n}.png").touch()
    monkeypatch.setattr(inputs, "MOST", 10)
    named = Inputs(patterns=["*.png"], files={"0.png": "0" * 64}, blocks=[])
    assert list(inputs.changed(named, Folder(tmp_path))) == [
        "its patterns look at more than 10 files; name a manifest of the data instead"
    ]


def test_a_released_report_that_leads_to_itself_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/eval_pack.md").write_text(EVAL_PACK)
    (tmp_path / "reports/released").mkdir(parents=True)
    (tmp_path / "reports/applied.json").write_text(json.dumps(REPORT))
    loop = tmp_path / "reports/released/2026-10-applied.json"
    loop.symlink_to(loop.name)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["gate", "reports/applied.json"])
    assert (done.exit_code, done.output) == (
        2,
        f"error: reports/released/{loop.name} can't be read: too many levels of symbolic links\n"
        "  hint: run the eval that writes it again\n",
    )
