"""Changes of what runs mlcharter: CI, what it includes and names, hooks, Makefiles and scripts."""

# ruff: noqa: E501 (a row of a table is one line)

from pathlib import Path

import pytest
from small_charter import TODAY, lines

from mlcharter.check import engine
from mlcharter.diff import comparing
from mlcharter.support.files import Folder, Overlay

CI, GITLAB, MAKE = ".github/workflows/quality.yaml", ".gitlab-ci.yml", "Makefile"
HOOKS, SCRIPT, ACTION = (
    ".pre-commit-config.yaml",
    "scripts/gate.sh",
    ".github/actions/gate/action.yml",
)
WORKFLOW = """\
on: [push]
jobs:
  check:
    steps:
      - run: make evidence
      - run: make check
      - run: ./scripts/gate.sh reports
      - uses: ./.github/actions/gate
      - run: |
          mlcharter prove \\
            --check
"""
FILES = {
    CI: WORKFLOW,
    ".github/workflows/pages.yml": "jobs: {pages: {steps: [{run: mkdocs build}]}}\n",
    GITLAB: "include: [{local: /ci/charter.yml}]\n",
    "ci/charter.yml": "charter: {script: [python tools/charter.py check]}\n",
    MAKE: "check: lint ## all\n\t@$(MAKE) gate\n\t$(MLCHARTER) check\nevidence:\n\tsh scripts/lint.sh\nlint:\n\truff check\ngate:\n\t$(MLCHARTER) gate\ninclude $(wildcard tools/*.mk)\n",
    HOOKS: "repos: [{hooks: [{entry: mlcharter diff --staged}]}]\n",
    SCRIPT: "# mlcharter check\nuvx mlcharter gate\n",
    "scripts/lint.sh": "python tools/charter.py prove --check\n",
    "scripts/other.sh": "echo\n",
    ACTION: "runs: {steps: [{run: mlcharter check}]}\n",
    "tools/charter.py": "pass\n",
}  # fmt: skip
PERSON = "needs a person: file: runs the checks → changed"

# A file, the text before and after, and what it is.
CHANGES = [
    (CI, "      - run: make check\n", "", ["weakens: `mlcharter check` in CI: 3 times → 2 times", "weakens: `mlcharter gate` in CI: 2 times → 1 time", PERSON]),
    (CI, "make check", "make lint", ["weakens: `mlcharter check` in CI: 3 times → 2 times", "weakens: `mlcharter gate` in CI: 2 times → 1 time", PERSON]),
    (CI, "      - run: ./scripts", "      # - run: ./scripts", ["weakens: `mlcharter gate` in CI: 2 times → 1 time", PERSON]),
    (CI, "mlcharter prove", "echo prove", ["weakens: `mlcharter prove` in CI: 2 times → 1 time", PERSON]),
    (CI, "make check", "make check || true", ["weakens: `mlcharter check` in CI: 3 times → 2 times", "weakens: `mlcharter gate` in CI: 2 times → 1 time", PERSON]),
    (CI, "make check", "make check || echo no", ["weakens: `mlcharter check` in CI: 3 times → 2 times", "weakens: `mlcharter gate` in CI: 2 times → 1 time", PERSON]),
    (CI, "make check", "make check | tee log", ["weakens: `mlcharter check` in CI: 3 times → 2 times", "weakens: `mlcharter gate` in CI: 2 times → 1 time", PERSON]),
    (CI, "make check", "make check; true", ["weakens: `mlcharter check` in CI: 3 times → 2 times", "weakens: `mlcharter gate` in CI: 2 times → 1 time", PERSON]),
    (ACTION, "mlcharter check", "mlcharter check --ignore '*'", ["weakens: `mlcharter check` in CI: 3 times → 2 times", PERSON]),
    (SCRIPT, "mlcharter gate", "mlcharter gate --only easy", ["weakens: `mlcharter gate` in CI: 2 times → 1 time", PERSON]),
    (CI, "- uses: ./.github/actions/gate", "- uses: ./.github/actions/gate\n        continue-on-error: ${{ true }}", ["weakens: `mlcharter check` in CI: 3 times → 2 times", PERSON]),
    (CI, "- run: make check", "- if: false\n        run: make check", ["weakens: `mlcharter check` in CI: 3 times → 2 times", "weakens: `mlcharter gate` in CI: 2 times → 1 time", PERSON]),
    (CI, "- uses: ./.github/actions/gate", "- uses: ./.github/actions/gate\n        continue-on-error: true", ["weakens: `mlcharter check` in CI: 3 times → 2 times", PERSON]),
    (CI, "on: [push]", "on: [workflow_dispatch]", ["weakens: events that run mlcharter: removed: [push]", PERSON]),
    (CI, "on: [push]", "on: {push: null, pull_request: null}", [PERSON]),
    ("ci/charter.yml", "charter.py check", "charter.py check --level draft", ["weakens: `mlcharter check` in CI: 3 times → 2 times", PERSON]),
    ("ci/charter.yml", "charter.py check", "charter.py check --level release", [PERSON]),
    ("ci/charter.yml", "{script: ", "{allow_failure: true, script: ", ["weakens: `mlcharter check` in CI: 3 times → 2 times", PERSON]),
    (MAKE, "\t$(MLCHARTER) check", "\t-@$(MLCHARTER) check", ["weakens: `mlcharter check` in CI: 3 times → 2 times", PERSON]),
    (CI, WORKFLOW, "", ["weakens: `mlcharter check` in CI: 3 times → 1 time", "weakens: `mlcharter gate` in CI: removed: 2 times", "weakens: `mlcharter prove` in CI: removed: 2 times", "needs a person: file: removed: runs the checks"]),
    (ACTION, "mlcharter check", "echo", ["weakens: `mlcharter check` in CI: 3 times → 2 times", PERSON]),
    ("ci/charter.yml", "charter.py check", "charter.py", ["weakens: `mlcharter check` in CI: 3 times → 2 times", PERSON]),
    (MAKE, "\t$(MLCHARTER) check\n", "", ["weakens: `mlcharter check` in CI: 3 times → 2 times", PERSON]),
    (MAKE, "ruff check", "ruff check .", [PERSON]),
    ("GNUmakefile", "", "check:\n\t@true\n", ["weakens: `mlcharter check` in CI: 3 times → 2 times", "weakens: `mlcharter gate` in CI: 2 times → 1 time", "weakens: `mlcharter prove` in CI: 2 times → 1 time"]),
    ("tools/zz.mk", "", "check:\n\t@true\n", ["weakens: `mlcharter check` in CI: 3 times → 2 times", "weakens: `mlcharter gate` in CI: 2 times → 1 time"]),
    ("scripts/lint.sh", "charter.py prove --check", "charter.py", ["weakens: `mlcharter prove` in CI: 2 times → 1 time", PERSON]),
    (SCRIPT, "uvx", "exit 0\nuvx", [PERSON]),
    (HOOKS, FILES[HOOKS], "", ["weakens: file: removed: runs the checks"]),
    (CI, "make evidence", "make  evidence", [PERSON]),
    (".github/workflows/pages.yml", "mkdocs build", "zensical build", []),
    ("scripts/other.sh", "echo", "exit", []),
    (".github/workflows/more.yml", "", "jobs: {a: {steps: [{run: mlcharter check}]}}\n", ["neutral: file: added: runs the checks"]),
]  # fmt: skip


PULLS = WORKFLOW.replace("on: [push]", "on:\n  pull_request:\n    branches: [main]")

# The filters of the event `pull_request` after a change.
FILTERS = [
    ("branches: [none]", ["weakens: event `pull_request` that runs mlcharter: branches: [main] → branches: [none]", PERSON]),
    ("branches: [main]\n    paths: [src/*]", ["weakens: event `pull_request` that runs mlcharter: branches: [main] → branches: [main], paths: [src/*]", PERSON]),
    ("# all", [PERSON]),
]  # fmt: skip


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
def test_a_filter_of_pull_requests_weakens_what_runs_mlcharter(
    base: Path, filters: str, expected: list[str]
) -> None:
    old, new = PULLS, PULLS.replace("branches: [main]", filters)
    trees = [Overlay(Folder(base), {CI: text.encode()}) for text in (old, new)]
    charters = [engine.open_charter(tree, TODAY) for tree in trees]

    assert lines(comparing.compare(charters[0], charters[1], "base")) == expected


@pytest.mark.parametrize(("path", "old", "new", "expected"), CHANGES)
def test_a_change_of_what_runs_mlcharter_has_a_class(
    base: Path, path: str, old: str, new: str, expected: list[str]
) -> None:
    contents: dict[str, bytes | None] = {file: text.encode() for file, text in FILES.items()}
    assert old in FILES.get(path, "")
    text = FILES[path].replace(old, new, 1) if old else new
    trees = [
        Overlay(Folder(base), contents),
        Overlay(Folder(base), contents | {path: text.encode() or None}),
    ]
    charters = [engine.open_charter(tree, TODAY) for tree in trees]

    assert lines(comparing.compare(charters[0], charters[1], "base")) == expected
