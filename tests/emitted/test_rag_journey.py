"""A team puts its own pages and questions into a new rag repository by one command.

One set of pages is this project's own documents, the other the READMEs of packages that are
installed for its tests: both are linked, and have tables, lists and code.
"""

import csv
import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from journey import OURS, Team

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


@pytest.fixture
def team(tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    monkeypatch.setenv("MLCHARTER_SOURCE", str(wheel))
    return Team(tmp_path, "--track", "rag")


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


@pytest.mark.parametrize(
    ("bring", "what"),
    [(own_documents, "documents of this project"), (readmes, "READMEs of installed packages")],
)
def test_one_command_puts_own_pages_and_questions_in(
    team: Team, tmp_path: Path, bring: Callable[[Path], list[tuple[str, str, str]]], what: str
) -> None:
    (tmp_path / "pages").mkdir()
    replace_questions(tmp_path / "questions.csv", bring(tmp_path / "pages"))
    own = ["../pages", "--questions", "../questions.csv", "--licence", "CC0-1.0", *COSTS]

    dry = team.run(*OURS, "starter", "replace", *own, "--dry-run")
    assert "removed: data/rag/corpus/berth-1.md" in dry
    assert team.run("git", "status", "--porcelain") == ""
    printed = team.starter("replace", *own)
    assert "gates are proposed in docs/eval_pack.md" in printed

    gates = set(team.reasons())
    assert gates >= {"duplicates", "citations-resolve", "answer-hit", "cost"}
    assert not gates & {"provenance", "abstention", "injection"}  # without headers, gold, attacks
    left = team.decide()
    assert set(left.values()) <= {"missed", "too-few", "zero-width"}
    team.finish()
    assert team.print_cost(f"{what}, with questions") == ["docs/eval_pack.md"]


def test_what_is_not_given_passes_no_gate_and_a_wrong_quotation_is_named(team: Team) -> None:
    (team.root / "data/rag/attacks.jsonl").unlink()
    replace_corpus(team.root / "data/rag/corpus")
    questions = team.root / "data/rag/questions.csv"
    replace_questions(questions, [row for row in QUESTIONS if row[1]])

    team.run("make", "eval")

    found = team.reasons()
    assert (found["injection"], found["abstention"]) == ("not-produced", "not-produced")

    wrong = ("Which Git is too old?", "SECURITY.md", "Only newest releases get fixes")
    replace_questions(questions, [wrong])
    with pytest.raises(AssertionError) as failed:
        team.run("make", "eval")
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
