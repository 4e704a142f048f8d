"""The first steps: which are done, and the same commands in the emitted README."""

import re
from pathlib import Path

import click
import pytest

import examples
from conftest import TRACKS, Render
from mlcharter.check import engine
from mlcharter.status import progress
from mlcharter.status.outputs import text
from mlcharter.status.start_here import StartStep
from mlcharter.support.files import Folder

GATE = """\
<!-- config: gates -->
```yaml
- {id: auc-overall, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.95,
    bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: as agreed}
```
"""
SECTION = "# Fraud watch\n\n## Problem\n<!-- section: problem -->\n\n"
OPEN, WRITTEN = f"{SECTION}Not written yet.\n", f"{SECTION}Nobody reviews the queue at night.\n"
DOCUMENTS = "--- .copier-answers.yml\n" + examples.ANSWERS.replace("full", "documents")
MAKE_SETUP = "--- .venv/pyvenv.cfg\nversion = 3.12\n"
MAKE_EVAL = "--- reports/applied.json\n{}\n"
STARTER = "--- docs/eval_pack.md\n<!-- starter -->\nA mass is a breast mass on a slide.\n"
OWN = f"--- docs/eval_pack.md\n# Fraud watch: evals\n\n{GATE}"
PROOFS = "--- proofs.json\n{}\n"
SCORES = "--- scores/cards.csv\nid,passed\na,1\n"
LEVEL = "--- .mlcharter.yml\nlevel: complete\n"


def marks(root: Path, *files: str) -> str:
    """Return one letter a step, x if it is done; nothing if the steps are not shown."""
    found = progress.measure(examples.charter(root, "".join(files), OPEN))
    return "".join("x" if step.done else "." for step in found.start)


@pytest.mark.parametrize(
    ("files", "done"),
    [
        ([OPEN, STARTER], "....."),
        ([OPEN, STARTER, MAKE_SETUP], "x...."),
        ([OPEN, STARTER, MAKE_SETUP, MAKE_EVAL], "xx..."),
        ([OPEN, OWN, MAKE_SETUP, MAKE_EVAL], "xxx.."),
        ([WRITTEN, OWN, MAKE_SETUP, MAKE_EVAL], "xxxx."),
        ([WRITTEN, OWN, MAKE_SETUP, MAKE_EVAL, PROOFS], "xxxx."),
        ([WRITTEN, OWN, MAKE_SETUP, MAKE_EVAL, LEVEL], "xxxx."),
        ([WRITTEN, OWN, MAKE_SETUP, MAKE_EVAL, LEVEL, PROOFS], ""),
        ([WRITTEN, OWN, LEVEL, PROOFS], ""),  # a fresh clone of it
        ([WRITTEN, STARTER, LEVEL, PROOFS], "...xx"),
    ],
)
def test_a_step_of_a_repository_with_code_is_done_by_its_files(
    tmp_path: Path, files: list[str], done: str
) -> None:
    assert marks(tmp_path, *files) == done


@pytest.mark.parametrize(
    ("files", "done"),
    [
        ([f"{OPEN}\nSee [this](gone.md).\n"], "..x.."),
        ([OPEN], "x.x.."),
        ([WRITTEN], "xxx.."),
        ([WRITTEN, SCORES], "xxxx."),
        ([WRITTEN, LEVEL], ""),
    ],
)
def test_a_step_of_documents_is_done_by_its_files(
    tmp_path: Path, files: list[str], done: str
) -> None:
    assert marks(tmp_path, *files, DOCUMENTS) == done


def test_the_text_shows_the_steps_above_the_next_ones(tmp_path: Path) -> None:
    found = progress.measure(examples.charter(tmp_path, OPEN + STARTER + MAKE_SETUP, OPEN))
    printed = click.unstyle(text.render(found))
    shown = re.search(r"^start here\n.*?\n\n(?=next\n)", printed, re.M | re.S)

    assert shown is not None
    assert shown[0] == (
        "start here\n"
        "[x] 1. `make setup` installs everything into `.venv`, and the Git hooks\n"
        "[ ] 2. `make test eval check` tests, measures into `reports/`, and checks the gates and "
        "the documents\n"
        "[ ] 3. `mlcharter starter list` shows what is left of the starter\n"
        '       then put your own system in, as "What is inside" in the README says\n'
        "[ ] 4. `make status` shows how much of each document is filled in, and what to write "
        "next\n"
        "       then fill in the documents\n"
        "[ ] 5. `make prove` breaks your system for each gate, and writes to `proofs.json` that "
        "the gate fails then\n"
        "       then commit it, and set `level: complete` in `.mlcharter.yml`\n\n"
    )


def start(root: Path) -> tuple[StartStep, ...]:
    return progress.measure(engine.open_charter(Folder(root), examples.TODAY)).start


@pytest.mark.parametrize("layout", ["full", "documents"])
@pytest.mark.parametrize("track", TRACKS)
def test_the_readme_begins_with_the_same_steps(render: Render, track: str, layout: str) -> None:
    root = render(tracks=[track], layout=layout)
    readme = (root / "README.md").read_text(encoding="utf-8")
    installed = {"full": ".venv/bin/mlcharter", "documents": "python3 tools/charter.py"}[layout]
    steps = start(root)

    _, _, section = readme.partition("## Start here\n")
    listed = re.findall(r"^\d\. (.*?)\.(?: .*)?$", section.partition("\n## ")[0], re.M)
    assert listed == [
        f"`{step.command.replace('mlcharter', installed)}` {step.what}" for step in steps
    ]


@pytest.mark.parametrize("track", TRACKS)
def test_the_readme_has_no_step_that_is_done_once_the_own_system_is_in(
    render: Render, track: str
) -> None:
    readme = (render(tracks=[track], starter=False) / "README.md").read_text(encoding="utf-8")
    _, _, inside = readme.partition("## What is inside\n")

    assert inside
    assert "put your own system in" not in readme.lower()
    assert not re.search(r"^\d\. (Replace|Write|Run) ", inside, re.M)


@pytest.mark.parametrize("track", TRACKS)
def test_the_readme_leaves_out_of_commits_what_ci_measures_again(
    render: Render, track: str
) -> None:
    root = render(tracks=[track])
    readme = (root / "README.md").read_text(encoding="utf-8")
    ci = (root / ".github/workflows/ci.yml").read_text(encoding="utf-8")

    assert "`reports/released/`; Git ignores the other reports, " in readme
    ignored = (root / ".gitignore").read_text(encoding="utf-8")
    assert "\n/reports/*\n!/reports/released/\n" in ignored
    assert "\n      - run: make eval\n" in ci


def test_the_steps_of_an_empty_repository_wait_for_its_own_system(render: Render) -> None:
    steps = start(render(tracks=["applied"], starter=False))

    assert [step.done for step in steps] == [False] * 5
