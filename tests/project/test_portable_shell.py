"""Makefiles and scripts use no options of GNU tools, so that they run on macOS and BSD.

macOS also ships GNU make 3.81, the last release under GPLv2.
"""

import re
import subprocess
from dataclasses import dataclass

import pytest

from checkout import in_git
from conftest import ROOT

SCRIPTS = re.compile(
    r"(^|/)(GNUmakefile|[Mm]akefile|Dockerfile|\.gitlab-ci\.yml|\.pre-commit-\w+\.yaml)(\.jinja)?$"
    r"|\.(mk|sh|bash)(\.jinja)?$|/workflows/[^/]+\.yml(\.jinja)?$"
)
SHEBANG = re.compile(r"#!.*\b(sh|bash|dash)\b")
MAKEFILES = re.compile(r"(^|/)[Mm]akefile(\.jinja)?$|\.mk(\.jinja)?$")
COREUTILS = (
    "(cp|mv|rm|ls|mkdir|ln|touch|chmod|head|tail|sort|cut|wc|du|sed|grep|find|xargs|date|mktemp)"
)


@dataclass(frozen=True)
class Spelling:
    """`flagged` works with GNU tools only, for `reason`; `portable` does the same everywhere."""

    pattern: str
    flagged: str
    portable: str
    reason: str
    files: re.Pattern[str] = SCRIPTS

    def found_in(self, line: str) -> bool:
        return re.search(self.pattern, line) is not None


SPELLINGS = [
    Spelling(
        r"\bsed\s.*\\[tn]",
        r"sed 's/: /\t/'",
        """awk -F ': ' '{print $1 "\\t" $2}'""",
        "in a replacement, other seds write the letter",
    ),
    Spelling(
        r"\bsed\s+(-\w+\s+)*-[a-zA-Z]*i(\s|$)",
        "sed -i 's/a/b/' file",
        "sed -i.bak 's/a/b/' file",
        "BSD takes the next word for the suffix",
    ),
    Spelling(
        r"\bsed\s+(-\w+\s+)*-[a-zA-Z]*r\b",
        "sed -nr 's/a+/b/p'",
        "sed -nE 's/a+/b/p'",
        "BSD before 2010 and POSIX have -E",
    ),
    Spelling(
        r"\b(sed|grep|expr)\s+(?!(-\w+\s+)*-[a-zA-Z]*E).*(?<!\\)\\[+?|]",
        r"grep 'a\|b'",
        r"grep -E 'a|b|c\+\+'",
        "basic regular expressions have no such operators",
    ),
    Spelling(
        r"\bgrep\s+(-\w+\s+)*-[a-zA-Z]*P",
        r"grep -oP '\d+'",
        "grep -oE '[0-9]+'",
        "Perl's expressions are GNU's",
    ),
    Spelling(
        rf"(^|[\s;|&(@]){COREUTILS}\s+(-\w+\s+)*--\w",
        "rm --force file",
        "rm -f file",
        "long options are GNU's",
    ),
    Spelling(
        r"\bdate\s+(-u\s+)?-[dr]\b",
        "date -u -d yesterday +%F",
        "date -u +%F",
        "BSD's -d and -r mean something else; Python has dates",
    ),
    Spelling(r"\bdate\s.*\+\S*%[0-9]*N", "date +%s%N", "date +%s", "others print the letter N"),
    Spelling(
        r"\breadlink\s+-[a-z]*[fem]|\brealpath\s",
        'cd "$(dirname "$(readlink -f "$0")")"',
        'cd "$(dirname "$0")" && pwd -P',
        "macOS before 12.3 has neither",
    ),
    Spelling(
        r"\b(cp|mv|ln)\s+(-\w+\s+)*-[a-zA-Z]*[tTaud]",
        "cp -a one two",
        "cp -pR one two",
        "POSIX has -p and -R; -t, -T, -u and -d are GNU's",
    ),
    Spelling(r"\bmktemp\s+(-\w+\s+)*-p", "mktemp -d -p build", "mktemp -d", "-p is GNU's"),
    Spelling(
        r"\bxargs\s+(-\w+\s+)*-[a-zA-Z0-9]*[rda]\b",
        "xargs -0r rm -f",
        "xargs -0 rm -f",
        "-r, -d and -a are GNU's",
    ),
    Spelling(r"\bstat\s+(-\w+\s+)*-c", "stat -c %s file", "wc -c < file", "BSD's is -f"),
    Spelling(
        r"\b(md5|sha[0-9]+|b2)sum\b", "sha256sum file", "shasum -a 256 file", "macOS has shasum"
    ),
    Spelling(r"\btimeout\s+-?[0-9k]", "timeout 30 make test", "make test", "macOS has no timeout"),
    Spelling(r"\bnproc\b", "-j$(nproc)", "-j$(getconf _NPROCESSORS_ONLN)", "macOS has no nproc"),
    Spelling(r"(^|[\s;|&])tac\b", "tac file", "sed -n '1!G;h;$p' file", "macOS has no tac"),
    Spelling(
        r"\bfind\s.*-(printf|regextype|quit)\b|\bfind\s+-",
        "find -name '*.py' -printf '%f'",
        "find . -name '*.py'",
        "BSD wants a folder, and has no -printf",
    ),
    Spelling(
        r"\b(head|tail)\s+-[nc]\s*-[0-9]", "head -n -1 file", "sed '$d' file", "counts from 1 only"
    ),
    Spelling(r"\bbase64\s+(-\w+\s+)*-w", "base64 -w 0", "base64 | tr -d '\\n'", "-w is GNU's"),
    Spelling(r"\becho\s+-[ne]", "echo -e 'a\\tb'", "printf 'a\\tb\\n'", "some print the option"),
    Spelling(
        r"\bgawk\b|\bawk\b.*\b(gensub|strftime|systime|asorti?)\s*\(",
        "awk '{print strftime(\"%F\")}'",
        "awk '{print $1}'",
        "these functions are gawk's",
    ),
    Spelling(
        r"^\.ONESHELL|^\S+\s*!=|\$\((file|let|intcmp)\s|\s&:|:::?=",
        "NOW != date",
        "NOW := $(shell date)",
        "it came after GNU make 3.81",
        MAKEFILES,
    ),
]


def scripts() -> dict[str, str]:
    """Return the text of every Makefile, script, CI file and hook, ours and emitted."""
    texts = {}
    for name in sorted(in_git()):
        with (ROOT / name).open("rb") as file:
            start = file.read(80).partition(b"\n")[0].decode(errors="replace")
        if SCRIPTS.search(name) or SHEBANG.match(start):
            texts[name] = (ROOT / name).read_text(encoding="utf-8")
    return texts


def test_no_script_needs_gnu_tools() -> None:
    found = [
        f"{name}:{number}: {line.strip()} ({spelling.reason}; write {spelling.portable})"
        for name, text in scripts().items()
        for number, line in enumerate(text.splitlines(), 1)
        for spelling in SPELLINGS
        if (spelling.files is SCRIPTS or spelling.files.search(name)) and spelling.found_in(line)
    ]

    assert found == []


def test_all_kinds_of_scripts_are_checked() -> None:
    assert set(scripts()) >= {
        ".ci/run",
        ".pre-commit-hooks.yaml",
        "Makefile",
        "template/project/.github/workflows/ci.yml.jinja",
        "template/project/.gitlab-ci.yml.jinja",
        "template/project/.pre-commit-config.yaml.jinja",
        "template/project/Makefile",
        "template/project/deploy/Dockerfile.jinja",
        "template/project/tools/kubernetes.mk",
        "template/project/tools/serving.mk",
    }


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda spelling: spelling.flagged)
def test_gnu_options_are_told_from_portable_ones(spelling: Spelling) -> None:
    assert spelling.found_in(spelling.flagged)
    assert not any(other.found_in(spelling.portable) for other in SPELLINGS)


def test_help_lists_every_target() -> None:
    command = ["make", "--no-print-directory", "help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    [phony] = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    lines = [re.fullmatch(r"([a-z-]+) +(\S.*)", line) for line in done.stdout.splitlines()]

    assert all(lines)
    assert {line[1] for line in lines if line} == {*phony.split()} - {"help"}
