"""docs/scores.md says what is true, and its Python example runs."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_scores import PACK

from conftest import ROOT
from mlcharter.cli import cli
from mlcharter.gate import tables

PAGE = (ROOT / "docs/scores.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```(python|r|go|sh)\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_in_python_writes_scores_that_gate_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pack = PACK.replace("METHOD", "wilson").replace("UNIT", "row").replace("min_n: 4", "min_n: 1")
    Path("docs").mkdir()
    Path("docs/eval_pack.md").write_text(pack)

    exec(compile(dict(EXAMPLES)["python"], "docs/scores.md", "exec"), {})

    assert Path("scores/ferry.csv").read_text() == (
        "id,language,correct\nq-1,de,True\nq-2,en,True\nq-3,en,False\n"
    )
    assert CliRunner().invoke(cli, ["gate", "--pin"]).exit_code == 0
    assert CliRunner().invoke(cli, ["gate"]).output.endswith(", n 3\n\n1 gate: 1 pass\n")


def test_an_example_has_about_ten_lines_in_each_language() -> None:
    assert [language for language, _ in EXAMPLES] == ["python", "r", "go", "sh"]
    assert all(len(text.splitlines()) <= 11 for _, text in EXAMPLES)


def test_the_limits_are_those_of_the_program() -> None:
    assert (
        f"{tables.MAX_BYTES // 2**20} MiB, {tables.MAX_ROWS:,} rows, {tables.MAX_COLUMNS} columns "
        f"and {tables.MAX_CELLS:,} cells"
    ) in PAGE
