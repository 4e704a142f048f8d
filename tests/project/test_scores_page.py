"""docs/scores.md says what is true, and its examples run."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_scores import SMALL_PACK

from conftest import ROOT
from mlcharter.cli import cli
from mlcharter.gate import tables

PAGE = (ROOT / "docs/scores.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```(python|r|go|sh)\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_in_python_writes_scores_that_gate_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("docs").mkdir()
    Path("docs/eval_pack.md").write_text(SMALL_PACK)

    exec(compile(dict(EXAMPLES)["python"], "docs/scores.md", "exec"), {})

    assert Path("scores/ferry.csv").read_text() == (
        "id,language,correct\nq-1,de,True\nq-2,en,True\nq-3,en,False\n"
    )
    assert CliRunner().invoke(cli, ["gate", "--pin"]).exit_code == 0
    assert CliRunner().invoke(cli, ["gate"]).output.endswith(", n 3\n\n1 gate: 1 pass\n")


CASES = """\
id,language,question,expected
q-1,de,when does it open,08:00
q-2,en,when does it close,09:30
q-3,en,where is it,quay 4
"""
R = """\
model <- old <- structure(list(), class = "clock")
predict.clock <- function(object, cases) ifelse(cases$id == "q-3", "quay 9", cases$expected)
"""
GO = """\
package main

import ("encoding/csv"; "log"; "os"; "strconv")

type Case struct { ID, Language, Expected string }

func answer(c Case) string { if c.ID == "q-3" { return "quay 9" }; return c.Expected }

func main() {
cases := []Case{{"q-1", "de", "08:00"}, {"q-2", "en", "09:30"}, {"q-3", "en", "quay 4"}}
"""
ANSWER = """\
#!/bin/sh
case "$1" in *open) echo 08:00 ;; *close) echo 09:30 ;; *) echo "quay 9" ;; esac
cat > /dev/null  # a program may read its standard input
"""


def test_the_example_in_a_shell_writes_scores_that_gate_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    without_language = re.sub(r"^([^,]+),[^,]+", r"\1", CASES, flags=re.MULTILINE)
    Path("cases.csv").write_text(without_language.partition("\n")[2])
    Path("answer").write_text(ANSWER)
    Path("answer").chmod(0o755)

    run("sh", "-euc", dict(EXAMPLES)["sh"])

    assert Path("scores/ferry.csv").read_text() == "id,correct\nq-1,1\nq-2,1\nq-3,0\n"
    assert decide() == "2 of 3"


@pytest.mark.parametrize(("language", "tool"), [("r", "Rscript"), ("go", "go")])
def test_the_examples_in_r_and_go_write_scores_that_gate_reads(
    language: str, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which(tool) is None:
        print(f"not proven here: no {tool}, so the example in {language} was not run")
        pytest.skip(f"{tool} is not installed; the example in {language} is not proven here")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GOCACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GOFLAGS", "-mod=mod")
    example = dict(EXAMPLES)[language]
    if language == "r":
        Path("cases.csv").write_text(CASES)
        run(tool, "-e", R + example)
    else:
        Path("scores").mkdir()
        Path("main.go").write_text(f"{GO}{example}}}\n")
        run(tool, "run", "main.go")

    assert decide() == "2 of 3"


def run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def decide() -> str:
    """Return how many cases are right, of how many, as the scores in this folder say."""
    pack = SMALL_PACK.replace("method: wilson", "method: exact")
    pack = pack.replace("bound: lower95", "bound: point")
    Path("docs").mkdir()
    Path("docs/eval_pack.md").write_text(pack)
    pinned = CliRunner().invoke(cli, ["gate", "--pin"])
    assert pinned.exit_code == 0, pinned.output
    [verdict] = json.loads(CliRunner().invoke(cli, ["gate", "--format", "json"]).output)["verdicts"]
    n = re.search(r"n (\d+)", verdict["why"])
    assert n
    return f"{verdict['observed']:g} of {n[1]}"


def test_an_example_has_about_ten_lines_in_each_language() -> None:
    assert [language for language, _ in EXAMPLES] == ["python", "r", "go", "sh"]
    assert all(len(text.splitlines()) <= 11 for _, text in EXAMPLES)


def test_the_limits_are_those_of_the_program() -> None:
    assert (
        f"{tables.MAX_BYTES // 2**20} MiB, {tables.MAX_ROWS:,} rows, {tables.MAX_COLUMNS} columns "
        f"and {tables.MAX_CELLS:,} cells"
    ) in PAGE
