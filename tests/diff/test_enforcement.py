"""Changes of what runs mlcharter: CI, what it includes and names, hooks, Makefiles and scripts."""

# ruff: noqa: E501 (a row of a table is one line)

from pathlib import Path

import pytest
from small_charter import TODAY, lines

from mlcharter.check import engine
from mlcharter.diff import comparing
from mlcharter.support.files import Above, Folder, Overlay

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

CHECK, GATE = (
    f"weakens: `mlcharter {name}"
    for name in ("check` in CI: 3 times → 2 times", "gate` in CI: 2 times → 1 time")
)
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
    (SCRIPT, "uvx", "exit 0\nuvx", [GATE, PERSON]),
    (HOOKS, FILES[HOOKS], "", ["weakens: file: removed: runs the checks"]),
    (CI, "make evidence", "make  evidence", [PERSON]),
    (".github/workflows/pages.yml", "mkdocs build", "zensical build", []),
    ("scripts/other.sh", "echo", "exit", []),
    (".github/workflows/more.yml", "", "jobs: {a: {steps: [{run: mlcharter check}]}}\n", ["neutral: file: added: runs the checks"]),
]  # fmt: skip


# How the failure of a command is ignored, or the command not run, beside those above.
SWALLOWED = [
    (CI, "- run: make check", "- shell: bash {0}\n        run: make check"),
    (CI, "- run: make check", "- shell: 'true {0}'\n        run: make check"),
    (CI, "    steps:", "    defaults: {run: {shell: 'bash {0}'}}\n    steps:"),
    (CI, "- run: make check", "- run: |\n          set +e\n          make check\n          ls"),
    (CI, "make check", "make check || printf no"),
    (CI, "make check", "make check || status=$?"),
    (CI, "make check", "make check || { echo no; }"),
    (CI, "make check", "make check &"),
    (CI, "make check", "make --ignore-errors check"),
    (CI, "make check", "make check MLCHARTER=true"),
    (CI, "make check", "echo make check"),
    (CI, "make check", "false && make check"),
    (CI, "make check", "true || make check"),
    (CI, "make check", "if make check; then ls; fi"),
    (CI, "- run: make check", "- name: make check\n        run: ls"),
    (CI, "- run: make check", "- env: {RUN: make check}\n        run: ls"),
    (CI, "- run: make check", "- run: |\n          mlcharter() { true; }\n          mlcharter check"),
    (CI, "  check:\n", "  never: {if: false, steps: []}\n  check:\n    needs: never\n"),
    (CI, "  check:\n", "  never: {if: false, steps: []}\n  more: {needs: never}\n  check:\n    needs: [more]\n"),
    (CI, "make check", "mlcharter gate && mlcharter check docs/design_doc.md"),
    (CI, "make check", "mlcharter gate && mlcharter check --branch scratch"),
    (MAKE, "check: lint", ".IGNORE: check gate\ncheck: lint"),
    (MAKE, "check: lint", "MLCHARTER = true\ncheck: lint"),
    (MAKE, "check: lint", "MAKEFLAGS += -i\ncheck: lint"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new"), SWALLOWED)
def test_a_command_whose_failure_is_ignored_is_one_less(
    base: Path, path: str, old: str, new: str
) -> None:
    found = judge(base, FILES, FILES | {path: FILES[path].replace(old, new, 1)})

    assert found[0].startswith("weakens: `mlcharter check` in CI: 3 times → ")
    assert PERSON in found


def only(condition: str) -> list[str]:
    return [
        f"weakens: `mlcharter check` in CI: 3 times → 3 times, 1 only with `{condition}`",
        f"weakens: `mlcharter gate` in CI: 2 times → 2 times, 1 only with `{condition}`",
        PERSON,
    ]


# A condition on the step that runs `make check`, and what it is.
IF = "- run: make check"
CONDITIONS = [
    ("if: 1 == 2", only("if 1 == 2")),
    ("if: ${{ 1 == 2 }}", only("if 1 == 2")),
    ("if: github.actor != 'mallory'", only("if github.actor != 'mallory'")),
    ("if: always()", [PERSON]),
    ("if: '!cancelled()'", [PERSON]),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
def test_a_condition_on_a_command_weakens_and_taking_it_away_does_not(
    base: Path, condition: str, expected: list[str]
) -> None:
    after = FILES | {CI: WORKFLOW.replace(IF, f"- {condition}\n        run: make check")}

    assert judge(base, FILES, after) == expected
    assert judge(base, after, FILES) == [PERSON]


# Harmless edits of scripts and workflows, which a reviewer sees and nobody needs to approve.
HARMLESS = [
    (CI, "  check:\n", "  build: {steps: [{run: ls}]}\n  check:\n    needs: build\n"),
    (CI, "make check", "mlcharter gate --format markdown && mlcharter check --format github . 2>&1"),
    (CI, "- run: make check", "- run: |\n          set -euo pipefail\n          make check"),
    (CI, "make check", "make check || exit 1"),
    (CI, "make check", "make check || { echo failed; exit 1; }"),
    (CI, "make check", "make check && ls"),
    (CI, "make check", "make check 2>&1"),
    (CI, "make check", "cd . && make check"),
    (CI, "- run: make check", "- name: Decide\n        run: make check"),
    (CI, "- run: make check", "- shell: bash\n        run: make check"),
    (CI, "- run: make check", "- shell: bash -eo pipefail {0}\n        run: make check"),
    (SCRIPT, "uvx", "set -e\nls\nuvx"),
    (MAKE, "check: lint", "MLCHARTER ?= .venv/bin/mlcharter\ncheck: lint"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new"), HARMLESS)
def test_a_command_that_still_decides_is_counted(base: Path, path: str, old: str, new: str) -> None:
    after = FILES | {path: FILES[path].replace(old, new, 1)}

    assert after != FILES
    assert judge(base, FILES, after) == [PERSON]


def judge(base: Path, before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the differences between two sets of files beside those of the small charter.

    Files whose path begins with `/` are above the charter, which then is in the folder a/.
    """
    charters = []
    for files in (before, after):
        data = {path: text.encode() or None for path, text in files.items()}
        tree = Overlay(Folder(base), {name: each for name, each in data.items() if name[0] != "/"})
        if any(name[0] == "/" for name in data):
            top = {name[1:] if name[0] == "/" else f"a/{name}": each for name, each in data.items()}
            tree.above = Above(Overlay(Folder(base / "docs"), top), "a/")
        charters.append(engine.open_charter(tree, TODAY))
    return lines(comparing.compare(charters[0], charters[1], "base"))


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

    assert judge(base, {CI: old}, {CI: new}) == expected


@pytest.mark.parametrize(("path", "old", "new", "expected"), CHANGES)
def test_a_change_of_what_runs_mlcharter_has_a_class(
    base: Path, path: str, old: str, new: str, expected: list[str]
) -> None:
    assert old in FILES.get(path, "")
    text = FILES[path].replace(old, new, 1) if old else new

    assert judge(base, FILES, FILES | {path: text}) == expected


TOP, MORE = "/.github/workflows/charters.yml", "/.github/workflows/b.yml"
ABOVE = """\
on: [pull_request]
jobs:
  a:
    defaults: {run: {working-directory: a}}
    steps:
      - run: make check
      - run: cd tools && ls
  diff:
    steps:
      - run: mlcharter diff -C a
      - run: make -C a evidence
      - run: cd a && mlcharter gate reports/*.json
      - run: (cd b && make check); mlcharter check a
  each:
    strategy: {matrix: {charter: [a, b]}}
    steps:
      - working-directory: ${{ matrix.charter }}
        run: mlcharter prove --check
  b:
    defaults: {run: {working-directory: b}}
    steps:
      - run: make check
      - run: mlcharter diff
      - run: mlcharter check ../b
"""
MONOREPO = {
    TOP: ABOVE,
    MORE: "on: [push]\njobs: {b: {steps: [{run: mlcharter check b}]}}\n",
    "Makefile": "check:\n\tmlcharter check\nevidence:\n\tmlcharter prove --check\n",
    "/b/Makefile": "check:\n\tmlcharter check\n",
    "/.gitlab-ci.yml": "a:\n  script:\n    - cd a\n    - mlcharter check\nb: {script: [cd b, mlcharter check]}\n",
    "/.pre-commit-config.yaml": "repos: [{hooks: [{entry: mlcharter diff --staged}]}]\n",
}
ONE_CHECK = "weakens: `mlcharter check` in CI: 3 times → 2 times"
ONE_PROOF = "weakens: `mlcharter prove` in CI: 2 times → 1 time"

# A file of a monorepo whose charter is in a/, the text before and after, and what it is.
CHANGES_ABOVE = [
    (TOP, "- run: make check\n      - run: cd tools", "- run: cd tools", [ONE_CHECK, PERSON]),
    (TOP, "working-directory: a}", "working-directory: b}", [ONE_CHECK, PERSON]),
    (TOP, "      - run: mlcharter diff -C a\n", "", ["weakens: `mlcharter diff` in CI: removed: 1 time", PERSON]),
    (TOP, "diff -C a", "diff HEAD -C a", ["weakens: `mlcharter diff` in CI: removed: 1 time", PERSON]),
    (TOP, "diff -C a", "diff -C b", ["weakens: `mlcharter diff` in CI: removed: 1 time", PERSON]),
    (TOP, "make -C a evidence", "make -C b evidence", [ONE_PROOF, PERSON]),
    (TOP, "cd a && mlcharter gate", "cd b && mlcharter gate", ["weakens: `mlcharter gate` in CI: removed: 1 time", PERSON]),
    (TOP, "mlcharter check a", "mlcharter check b", [ONE_CHECK, PERSON]),
    (TOP, "charter: [a, b]", "charter: [b]", [ONE_PROOF, PERSON]),
    (TOP, "  diff:\n", "  diff:\n    if: 1 == 2\n", [
        "weakens: `mlcharter check` in CI: 3 times → 3 times, 1 only with `if 1 == 2`",
        "weakens: `mlcharter diff` in CI: 1 time → 1 time, 1 only with `if 1 == 2`",
        "weakens: `mlcharter gate` in CI: 1 time → 1 time, 1 only with `if 1 == 2`",
        "weakens: `mlcharter prove` in CI: 2 times → 2 times, 1 only with `if 1 == 2`",
        PERSON,
    ]),
    (TOP, "on: [pull_request]", "on: [workflow_dispatch]", ["weakens: events that run mlcharter: removed: [pull_request]", PERSON]),
    ("Makefile", "\tmlcharter check\n", "\tls\n", [ONE_CHECK, PERSON]),
    ("/.gitlab-ci.yml", "    - mlcharter check\n", "    - ls\n", [ONE_CHECK, PERSON]),
    ("/.pre-commit-config.yaml", MONOREPO["/.pre-commit-config.yaml"], "", ["weakens: file: removed: runs the checks"]),
    # Harmless.
    (TOP, "- run: make check", "- name: Check\n        run: make check", [PERSON]),
    (TOP, "make -C a evidence", "make --directory=a evidence", [PERSON]),
    (TOP, "make -C a evidence", "cd a && make evidence", [PERSON]),
    (TOP, "diff -C a", 'diff -C "$GITHUB_WORKSPACE/a"', [PERSON]),
    # Of another charter.
    (TOP, "      - run: make check\n      - run: mlcharter diff\n", "", [PERSON]),
    (TOP, "      - run: mlcharter check ../b\n", "", [PERSON]),
    (MORE, "mlcharter check b", "ls", []),
    ("/b/Makefile", "\tmlcharter check\n", "\tls\n", []),
    ("/.gitlab-ci.yml", "[cd b, mlcharter check]", "[cd b, ls]", [PERSON]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "expected"), CHANGES_ABOVE)
def test_what_runs_the_checks_from_above_the_charter_is_followed(
    base: Path, path: str, old: str, new: str, expected: list[str]
) -> None:
    assert old in MONOREPO[path]

    after = MONOREPO | {path: MONOREPO[path].replace(old, new, 1)}

    assert judge(base, MONOREPO, after) == expected
