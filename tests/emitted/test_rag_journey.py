"""A team puts its own pages and questions into a new rag repository: three files are touched.

The pages are this project's own documents, linked and with tables, lists and code.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
MLCHARTER = ".venv/bin/mlcharter"


@pytest.fixture
def system(tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new repository with everything installed."""
    monkeypatch.setenv("MLCHARTER_SOURCE", str(wheel))
    words = ["new", "system", "--defaults", "--track", "rag", "--tier", "production"]
    run(tmp_path, sys.executable, "-m", "mlcharter", *words)
    run(tmp_path / "system", "make", "setup")
    return tmp_path / "system"


def test_own_pages_and_questions_are_measured_after_three_files_are_touched(system: Path) -> None:
    replace_corpus(system / "data/rag/corpus")
    replace_questions(system / "data/rag/questions.csv")
    run(system, "make", "eval")
    run(system, MLCHARTER, "gate", "--pin", "reports/rag.json")

    run(system, "make", "test")
    touched = run(system, "git", "status", "--porcelain").splitlines()
    others = {line[3:] for line in touched if "data/rag/corpus/" not in line}
    assert others == {"data/rag/questions.csv", "docs/eval_pack.md", "reports/"}
    print(run(system, "git", "diff", "--shortstat", "--", "docs", "data/rag/questions.csv"))
    found = verdicts(system)
    # Four documents answer questions, which is too few for every gate on an interval over them.
    few = ["recall-at-5", "bm25-leg", "dense-leg", "reranker", "support-coverage", "faithfulness"]
    few += ["answer-hit", "answer-precision", "abstention", "false-abstention"]
    assert found == {
        **dict.fromkeys(few, "too-few"),
        "duplicates": "holds",
        "citations-resolve": "holds",
        "provenance": "missed",  # no page has a header
        "injection": "holds",
        **{f"golden/{name}": "holds" for name in ("file", "corpus", "expires")},
        **{f"golden/{name}": "holds" for name in ("answerable", "near", "far")},
    }
    results = json.loads((system / "reports/rag.json").read_text(encoding="utf-8"))["results"]
    values = {(r["metric"], r["slice"], r["against"]): r["value"] for r in results}
    assert values["recall-at-5", "answerable", None] >= 0.75
    assert values["answer-hit", "answerable", None] >= 0.5


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
