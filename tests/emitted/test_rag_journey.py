"""A team puts its own pages and questions into a new rag repository by one command.

One set of pages is this project's own documents, the other the READMEs of packages that are
installed for its tests: both are linked, and have tables, lists and code.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from conftest import ROOT

pytestmark = pytest.mark.journey
PAGES = [
    *("README", "ARCHITECTURE", "CONTRIBUTING", "SECURITY", "CODE_OF_CONDUCT", "AGENTS"),
    *("docs/merging", "docs/markdown", "docs/growth", "docs/speed", "docs/field", "docs/recall"),
]
CONDUCT, MERGING = "CODE_OF_CONDUCT.md", "docs/merging.md"
QUESTIONS = [
    ("Does check run programs of the repository?", "SECURITY.md", "They run no program of it"),
    ("Which Git is too old?", "SECURITY.md", "Git older than 2.31 is refused"),
    ("Which releases get fixes?", "SECURITY.md", "Only the newest release gets fixes"),
    ("May I report a vulnerability in public?", "SECURITY.md", "Do not open a public issue before"),
    ("How soon is a report answered?", CONDUCT, "is not involved answers within a week"),
    ("May maintainers judge themselves?", CONDUCT, "whom a report is about takes no part in it"),
    ("Are reporters named in public?", CONDUCT, "Names of those who report are not published"),
    ("Which three trees does an update reconcile?", MERGING, "reconciles three trees: *base*"),
    ("What if both sides changed an element?", MERGING, "it gets standard conflict markers"),
    ("How do I revert the last update?", MERGING, "`--abort` also reverts the last update"),
    ("Where are old names of sections listed?", MERGING, "`template/renames.yml` lists the old"),
    ("Which Python is needed to work on it?", "AGENTS.md", "Python 3.11 or newer, git and make"),
    ("What does the hosted plan cost a month?", "", ""),
    ("Which GPU does training need?", "", ""),
    ("Who won the chess championship in 1972?", "", ""),
]
READMES = [
    ("How fast is ruff?", "ruff", "10-100x faster than existing linters"),
    ("In which language is uv written?", "uv", "project manager, written in Rust"),
    ("What is pre-commit?", "pre_commit", "managing and maintaining multi-language"),
    ("What does Hypothesis test?", "hypothesis", "the property-based testing library for Python"),
    ("Which tool finds folders of a platform?", "platformdirs", "platform-specific directories"),
    ("What does idna support?", "idna", "limiting domains with known security"),
    ("What is requests?", "requests", "a simple, yet elegant, HTTP library"),
    (
        "Which kit creates command lines?",
        "click",
        'It\'s the "Command\nLine Interface Creation Kit"',
    ),
    ("Does Jinja render untrusted templates?", "jinja2", "sandboxed environment can safely render"),
    ("Which specification is parsed?", "markdown-it-py", "for baseline parsing"),
    ("What renders project templates?", "copier", "CLI app for rendering project templates"),
    ("What does zizmor analyse?", "zizmor", "a static analysis tool for CI/CD systems"),
    ("Which library brings back joy?", "attrs", "that will bring back the **joy** of"),
    ("What does dunamai derive?", "dunamai", "derived from tags in your version control"),
    ("Which hooks does prek run?", "prek", "is a framework for running hooks on your code"),
    ("What is the licence fee of the hosted edition?", "", ""),
    ("How is a wedding cake made?", "", ""),
    ("Which ministry approves the release?", "", ""),
]
COSTS = ["--cost-wrong-answer", "2", "--cost-silence", "1"]
MLCHARTER = ".venv/bin/mlcharter"
OURS = [sys.executable, "-m", "mlcharter"]  # has the template of this checkout


@pytest.fixture
def system(tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new repository with everything installed."""
    monkeypatch.setenv("MLCHARTER_SOURCE", str(wheel))
    words = ["new", "system", "--defaults", "--track", "rag", "--tier", "production"]
    run(tmp_path, *OURS, *words)
    run(tmp_path / "system", "make", "setup")
    return tmp_path / "system"


def own_documents(folder: Path) -> list[tuple[str, str, str]]:
    replace_corpus(folder)
    return QUESTIONS


def readmes(folder: Path) -> list[tuple[str, str, str]]:
    rows = []
    for question, package, quote in READMES:
        rows.append((question, f"{package}.md" if package else "", quote))
        if package:
            known = metadata.metadata(package)
            text = known.get_payload() or known["Description"]
            (folder / f"{package}.md").write_text(text, encoding="utf-8")
    return rows


@pytest.mark.parametrize("bring", [own_documents, readmes])
def test_one_command_puts_own_pages_and_questions_in(
    system: Path, tmp_path: Path, bring: Callable[[Path], list[tuple[str, str, str]]]
) -> None:
    (tmp_path / "pages").mkdir()
    replace_questions(tmp_path / "questions.csv", bring(tmp_path / "pages"))
    own = ["../pages", "--questions", "../questions.csv", "--licence", "CC0-1.0", *COSTS]
    started = time.monotonic()

    dry = run(system, *OURS, "starter", "replace", *own, "--dry-run")
    assert ("removed: data/rag/corpus/berth-1.md" in dry, changed(system)) == (True, [])
    printed = run(system, *OURS, "starter", "replace", *own)
    run(system, "git", "add", "-A")
    run(system, "git", "commit", "--no-verify", "-qm", "Put our pages in")

    assert run(system, *OURS, "starter", "list") == "nothing is left of the starter\n"
    assert "nothing to do" in run(system, *OURS, "update", "--to", "current", "--defaults")
    run(system, "make", "test", "eval", "check")
    found = verdicts(system)
    assert set(found.values()) <= {"holds", "missed", "too-few", "zero-width"}
    gates = {name for name in found if "/" not in name}
    assert gates >= {"duplicates", "citations-resolve", "answer-hit", "cost"}
    assert not gates & {"provenance", "abstention", "injection"}  # without headers, gold, attacks
    decide(system / "docs/eval_pack.md", found)
    run(system, MLCHARTER, "gate", "reports/rag.json")
    run(system, MLCHARTER, "prove")
    proven = yaml.safe_load((system / "proofs.json").read_text(encoding="utf-8"))["proofs"]
    assert {proof["gate"] for proof in proven} == gates
    run(system, MLCHARTER, "check")
    assert changed(system) == ["docs/eval_pack.md", "proofs.json", "reports/rag.json"]
    minutes = (time.monotonic() - started) / 60
    words = ["git", "show", "--shortstat", "--format=", "HEAD", "--", ":!data/rag/corpus"]
    print(f"{minutes:.1f} minutes, 1 file by hand, and by the command", run(system, *words).strip())
    print(printed)


def decide(pack: Path, verdicts: dict[str, str]) -> None:
    """Let a gate block that holds, as a person does after a look at it."""
    text = pack.read_text(encoding="utf-8")
    for name, reason in verdicts.items():
        if reason == "holds" and "/" not in name:
            entry = re.search(rf"^- id: {name}\n(?:  .*\n)*", text, re.MULTILINE)
            assert entry, name
            decided = entry[0].replace("on_fail: warn", "on_fail: block")
            decided = decided.replace("decided_on: null", "decided_on: 2026-11-30")
            text = text.replace(entry[0], decided)
    pack.write_text(text, encoding="utf-8")


def changed(system: Path) -> list[str]:
    return sorted(line[3:] for line in run(system, "git", "status", "--porcelain").splitlines())


def test_what_is_not_given_is_not_measured_and_passes_no_gate(system: Path) -> None:
    (system / "data/rag/attacks.jsonl").unlink()
    answerable = [row for row in QUESTIONS if row[1]]
    replace_corpus(system / "data/rag/corpus")
    replace_questions(system / "data/rag/questions.csv", answerable)

    run(system, "make", "eval")

    found = verdicts(system)
    assert (found["injection"], found["abstention"]) == ("not-produced", "not-produced")


def test_a_quotation_that_is_not_in_its_page_is_named_with_the_nearest_text(system: Path) -> None:
    replace_corpus(system / "data/rag/corpus")
    wrong = ("Which Git is too old?", "SECURITY.md", "Only newest releases get fixes")
    replace_questions(system / "data/rag/questions.csv", [wrong])

    with pytest.raises(AssertionError) as failed:
        run(system, "make", "eval")

    assert (
        "questions.csv:2: question 'Which Git is too old?': SECURITY.md does not have the text "
        "'Only newest releases get fixes'; the nearest is 'Only the newest release gets fixes.'"
    ) in str(failed.value)


def replace_corpus(corpus: Path) -> None:
    shutil.rmtree(corpus)
    for page in PAGES:
        target = corpus / f"{page}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / f"{page}.md", target)


def replace_questions(path: Path, rows: list[tuple[str, str, str]] = QUESTIONS) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("question", "document", "quote"), *rows])


def verdicts(system: Path) -> dict[str, str]:
    """The reason of each verdict, by gate."""
    words = [MLCHARTER, "gate", "--format", "json", "reports/rag.json"]
    done = subprocess.run(words, cwd=system, capture_output=True, text=True, check=False)
    return {v["gate"]: v["reason"] for v in json.loads(done.stdout)["verdicts"]}


def run(cwd: Path, *words: str) -> str:
    """Run as a person would; return its whole output."""
    hidden = ("VIRTUAL_ENV", "PYTEST_CURRENT_TEST", "MAKEFLAGS", "MAKELEVEL", "PYTEST_XDIST_WORKER")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout
