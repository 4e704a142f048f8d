"""A shell completes commands, options and names."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from conftest import ROOT
from mlcharter.cli import cli


def completed(*words: str) -> list[str]:
    """What the shell shows after the last word, which is being typed."""
    found = ShellComplete(cli, {}, "mlcharter", "_MLCHARTER_COMPLETE")
    return [item.value for item in found.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("sta",), ["starter", "status"]),
        (("starter", ""), ["list", "remove", "replace"]),
        (("fleet", "re"), ["report"]),
        (("check", "--lev"), ["--level"]),
        (("check", "--level", ""), ["draft", "complete", "release"]),
        (("new", "--track", "r"), ["rag", "rl"]),
        (("new", "--tier", ""), ["prototype", "production", "critical"]),
        (("explain", "link-"), ["link-broken"]),
    ],
)
def test_a_word_is_completed(words: tuple[str, ...], shown: list[str]) -> None:
    assert completed(*words) == shown


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_line_of_the_manual_completes_in_the_shell(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed; its completion is not proven here")
    manual = (ROOT / "docs/new.md").read_text(encoding="utf-8")
    line = re.findall(rf"^\| {shell} \| `(.+)` \|$", manual, re.M)[0].replace("\\|", "|")
    (tmp_path / "mlcharter").write_text(f'#!/bin/sh\nexec {sys.executable} -m mlcharter "$@"\n')
    (tmp_path / "mlcharter").chmod(0o755)
    ask = {
        "bash": "COMP_WORDS=(mlcharter che); COMP_CWORD=1; _mlcharter_completion mlcharter; "
        "echo ${COMPREPLY[@]}",
        "zsh": "whence -w _mlcharter_completion >/dev/null && echo check",
        "fish": "complete --do-complete='mlcharter che' | string split \\t -f1",
    }[shell]
    before = "autoload -U compinit; compinit -u" if shell == "zsh" else ""
    script = "\n".join((f"export PATH={tmp_path}:$PATH", before, line, ask, ""))

    done = subprocess.run([program], input=script, capture_output=True, text=True, check=True)

    assert done.stdout == "check\n", done.stderr
