"""`mlcharter prove` breaks a system for each gate, and keeps what it saw in proofs.json."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlcharter.cli import cli

PACK = """\
# Evaluation

<!-- config: metrics -->
```yaml
- {id: wrong, unit: count, direction: down, method: exact, resample: none,
    produced_by: evals/applied.py}
```

<!-- config: slices -->
```yaml
- {id: all, dataset: cards, where: every row, min_n: 5, protected: false, alert: null}
```

<!-- config: datasets -->
```yaml
- {id: cards, uri: "generated:cards", sha256: %s, rows: 10, licence: CC0-1.0, card: docs/card.md,
    split: {kind: random, key: null, sha256: null}, synthetic: 1.0}
```

<!-- config: gates -->
```yaml
- {id: few-wrong, metric: wrong, dataset: cards, slice: all, op: "<=", threshold: 3, bound: point,
    min_n: 5, on_fail: block, decided_on: 2026-11-09, rationale: as agreed}
```
""" % ("a" * 64)
EVAL = """\
from pathlib import Path

from mlcharter.evals import running
from mlcharter.evals.inputs import Inputs
from mlcharter.evals.reports import Report

INPUTS = Inputs.read(["evals/*.py"], [("docs/eval_pack.md", "slices")])


def measure(wrong: int) -> Report:
    report = Report("applied", seed=7)
    report.add_dataset("cards", "a" * 64, rows=10)
    report.add_count("wrong", "cards", wrong, n=10)
    return report


DEFECTS = {"few-wrong": lambda: measure(8)}

if __name__ == "__main__":
    running.main("evals.applied", lambda folder: measure(1), DEFECTS, inputs=INPUTS)
"""
PROVEN = "few-wrong: fails at 8, as it must\n1 gate proven, 1 of them now\n"
STARTED = "[1/1] evals.applied --defect few-wrong\n"
SOUND = "evals.applied without a defect, since reports/applied.json is missing or stale\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one gate, and an eval with a defect for it."""
    for path, text in {"docs/eval_pack.md": PACK, "evals/applied.py": EVAL}.items():
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def prove(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["prove", *words])
    return done.exit_code, done.stdout, done.stderr


def test_a_gate_that_fails_on_a_broken_system_gets_a_line(repository: Path) -> None:
    assert prove() == (0, PROVEN, STARTED + SOUND)

    text = Path("proofs.json").read_text()
    digest = json.loads(text)["proofs"][0]["sha256"]
    assert (
        text
        == f"""\
{{
 "version": 1,
 "evals": [
  {{"name": "applied", "patterns": ["evals/*.py"], "blocks": \
[{{"document": "docs/eval_pack.md", "kind": "slices"}}]}}
 ],
 "proofs": [
  {{"gate": "few-wrong", "eval": "applied", "value": 8.0, "bound": 8.0, "sha256": "{digest}"}}
 ]
}}
"""
    )


def evaluate(wrong: int) -> None:
    """Let the system have so many wrong answers, and measure it."""
    edit("evals/applied.py", "measure(1)", f"measure({wrong})")
    subprocess.run([sys.executable, "-m", "evals.applied"], check=True, capture_output=True)


MISSED = """\
few-wrong: fails without a defect as well, at {sound} in reports/applied.json, and at 8 with it, \
which is not clearly worse: proves nothing
0 gates proven, 0 of them now; 1 fails without a defect as well
"""


def test_a_gate_that_fails_without_a_defect_is_proven_if_the_defect_makes_it_worse(
    repository: Path,
) -> None:
    evaluate(5)

    assert prove() == (
        0,
        "few-wrong: fails at 8, as it must; without the defect it fails at 5\n"
        "1 gate proven, 1 of them now\n",
        STARTED,
    )


@pytest.mark.parametrize("sound", [8, 9])
def test_a_defect_that_does_not_make_a_failing_gate_worse_proves_nothing(
    repository: Path, sound: int
) -> None:
    evaluate(sound)

    assert prove() == (1, MISSED.format(sound=sound), STARTED)
    assert json.loads(Path("proofs.json").read_text())["proofs"] == []


def test_a_gate_that_only_warns_and_fails_anyway_does_not_stop_ci(repository: Path) -> None:
    edit("docs/eval_pack.md", "on_fail: block", "on_fail: warn")
    evaluate(9)

    assert prove() == (0, MISSED.format(sound=9), STARTED)


def test_a_proof_of_before_is_none_once_the_system_fails_as_much(repository: Path) -> None:
    prove()
    outside = Path("wrong.txt")
    edit("evals/applied.py", "measure(1)", f'measure(int(Path("{outside}").read_text()))')
    outside.write_text("1")
    prove()
    outside.write_text("9")
    evaluate_again = [sys.executable, "-m", "evals.applied"]
    subprocess.run(evaluate_again, check=True, capture_output=True)

    code, printed, _ = prove("--check")

    assert code == 1
    assert printed == MISSED.format(sound=9) + (
        "proofs.json is out of date; run `mlcharter prove` and commit it\n"
    )


@pytest.mark.parametrize(("spread", "code"), [(2, 0), (4, 1)])
def test_worse_is_what_the_interval_of_the_system_does_not_explain(
    repository: Path, spread: int, code: int
) -> None:
    edit("docs/eval_pack.md", "method: exact, resample: none", "method: bootstrap, resample: row")
    edit("docs/eval_pack.md", "bound: point", "bound: upper95")
    edit("evals/applied.py", "\nDEFECTS", f"{ESTIMATE}\nDEFECTS")
    edit(
        "evals/applied.py", 'wrong, "upper": wrong', f'wrong - {spread}, "upper": wrong + {spread}'
    )
    evaluate(5)

    assert prove()[0] == code


def test_a_result_that_only_the_broken_system_has_proves_nothing(repository: Path) -> None:
    edit("evals/applied.py", 'add_count("wrong"', 'add_count("wrong" if wrong == 8 else "other"')

    code, printed, _ = prove()

    assert code == 1
    assert printed.startswith(
        "few-wrong: reports/applied.json without a defect has no wrong on cards, slice all, "
        "to compare with: proves nothing\n"
    )


def test_the_proof_of_a_gate_that_was_removed_is_removed_too(repository: Path) -> None:
    second = "- {id: second, metric: wrong, dataset: cards, slice: all, op: '<=', threshold: 4, "
    second += "bound: point,\n    min_n: 5, on_fail: block, decided_on: 2026-11-09, rationale: x}\n"
    edit("docs/eval_pack.md", "rationale: as agreed}\n", f"rationale: as agreed}}\n{second}")
    edit("evals/applied.py", "measure(8)}", "measure(8), 'second': lambda: measure(8)}")
    assert prove()[1].endswith("2 gates proven, 2 of them now\n")
    edit("docs/eval_pack.md", second, "")

    assert prove("--check") == (
        1,
        "1 gate proven, 0 of them now\n"
        "proofs.json is out of date; run `mlcharter prove` and commit it\n",
        "",
    )
    assert prove()[0] == 0
    assert prove("--check")[0] == 0


ESTIMATE = """\
from types import SimpleNamespace


def measure(wrong: float) -> Report:
    report = Report("applied", seed=7)
    report.add_dataset("cards", "a" * 64, rows=10)
    found = {"value": wrong, "lower": wrong, "upper": wrong, "level": 0.95, "n": 10}
    how = {"method": "bootstrap", "version": "1", "unit": "row"}
    report.add("wrong", "cards", SimpleNamespace(**found, **how))
    return report
"""


@pytest.mark.parametrize(("wrong", "code"), [(8, 0), (2, 1)])
def test_a_number_without_spread_proves_a_gate_if_it_misses_the_threshold(
    repository: Path, wrong: int, code: int
) -> None:
    edit("docs/eval_pack.md", "method: exact, resample: none", "method: bootstrap, resample: row")
    edit("docs/eval_pack.md", "bound: point", "bound: upper95")
    edit("evals/applied.py", "\nDEFECTS", f"{ESTIMATE}\nDEFECTS")
    edit("evals/applied.py", "measure(8)", f"measure({wrong})")

    done = prove()

    assert done[0] == code
    assert ("few-wrong: fails at 8, as it must" in done[1]) == (code == 0)


def test_without_a_gate_there_is_nothing_to_prove(repository: Path) -> None:
    text = Path("docs/eval_pack.md").read_text()
    start = text.index("- {id: few-wrong")
    Path("docs/eval_pack.md").write_text(text[:start] + "- {id: null}\n```\n")

    assert prove() == (
        0,
        "no gates yet: fill in `gates` in docs/eval_pack.md; there is nothing to prove\n",
        "",
    )


def test_a_valid_proof_is_not_made_again_unless_it_is_asked_for(repository: Path) -> None:
    prove()

    assert prove() == (0, "1 gate proven, 0 of them now\n", "")
    assert prove("--check") == (0, "1 gate proven, 0 of them now\n", "")
    assert prove("few-wrong") == (0, PROVEN, STARTED + SOUND)
    assert prove("--all", "--check") == (0, PROVEN, STARTED + SOUND)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("docs/eval_pack.md", "threshold: 3", "threshold: 4"),
        ("docs/eval_pack.md", "where: every row", "where: each row"),
        ("evals/applied.py", "measure(8)", "measure(9)"),
    ],
)
def test_a_changed_gate_or_input_needs_another_proof(
    repository: Path, path: str, old: str, new: str
) -> None:
    prove()
    before = Path("proofs.json").read_text()
    edit(path, old, new)

    code, printed, _ = prove("--check")

    assert code == 1
    assert printed.endswith("proofs.json is out of date; run `mlcharter prove` and commit it\n")
    assert Path("proofs.json").read_text() == before
    assert prove()[0] == 0
    assert prove("--check")[0] == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [("rationale: as agreed", "rationale: decided again"), ("on_fail: block", "on_fail: warn")],
)
def test_what_a_gate_does_not_compare_changes_no_proof(
    repository: Path, old: str, new: str
) -> None:
    prove()
    edit("docs/eval_pack.md", old, new)

    assert prove("--check") == (0, "1 gate proven, 0 of them now\n", "")


def test_a_defect_that_is_too_weak_is_named_and_its_proof_removed(repository: Path) -> None:
    prove()
    edit("evals/applied.py", "measure(8)", "measure(2)")

    assert prove() == (
        1,
        "the defect of few-wrong leaves point of wrong at 2, the gate asks <= 3: "
        "use a stronger defect or a stricter gate\n"
        "0 gates proven, 0 of them now\n",
        STARTED,
    )
    assert json.loads(Path("proofs.json").read_text()) == {"version": 1, "evals": [], "proofs": []}


def test_a_waiver_lets_no_defect_pass(repository: Path) -> None:
    waived = "waived: {until: 2030-01-01, by: '@a/b', reason: not yet}, "
    edit("docs/eval_pack.md", "op: ", f"{waived}op: ")

    assert prove() == (0, PROVEN, STARTED + SOUND)


def test_a_gate_without_a_defect_is_listed(repository: Path) -> None:
    edit("evals/applied.py", '{"few-wrong": lambda: measure(8)}', "{}")

    assert prove() == (
        0,
        "no eval has a defect for few-wrong; add one to its DEFECTS, or write scores/ first\n"
        "0 gates proven, 0 of them now\n",
        "",
    )


def test_a_report_that_shows_nothing_about_the_threshold_is_no_proof(repository: Path) -> None:
    edit("evals/applied.py", 'report.add_count("wrong"', 'report.add_count("right"')

    code, printed, _ = prove()

    assert code == 1
    assert printed.startswith("the defect of few-wrong shows nothing about its threshold: ")
    assert "[not-produced]\n" in printed


def test_an_eval_that_fails_shows_its_last_lines(repository: Path) -> None:
    edit("evals/applied.py", "lambda: measure(8)", "lambda: 1 / 0")

    code, printed, _ = prove()

    assert code == 2
    assert printed.startswith(
        "`python -m evals.applied --defect few-wrong` failed with exit code 1\n  its last lines:\n"
    )
    assert "\n    ZeroDivisionError: division by zero\n" in printed
    assert printed.endswith("0 gates proven, 0 of them now\n")


def test_a_package_that_is_not_installed_leads_to_setup(repository: Path) -> None:
    edit("evals/applied.py", "from pathlib", "import not_installed_here\nfrom pathlib")

    code, printed, _ = prove()

    assert code == 2
    assert (
        "    ModuleNotFoundError: No module named 'not_installed_here'\n"
        "    if nothing is installed yet, run `make setup`, then the same command again\n"
    ) in printed


def test_an_eval_that_takes_too_long_is_stopped(repository: Path) -> None:
    edit("evals/applied.py", "lambda: measure(8)", "lambda: __import__('time').sleep(600)")

    code, printed, _ = prove("--limit", "3")

    assert code == 2
    assert printed.startswith(
        "`python -m evals.applied --defect few-wrong` took more than 3 seconds\n"
        "  give it more: `mlcharter prove --limit`\n"
    )


def test_an_eval_without_the_options_is_named(repository: Path) -> None:
    Path("evals/other.py").write_text("raise SystemExit('no --describe here')\n")

    code, printed, _ = prove()

    assert code == 2
    assert "`python -m evals.other --describe` failed with exit code 1" in printed
    assert "    no --describe here\n" in printed
    assert json.loads(Path("proofs.json").read_text())["proofs"], "the other eval is proven"


def test_an_eval_that_fails_keeps_its_proofs(repository: Path) -> None:
    prove()
    before = Path("proofs.json").read_text()
    Path("evals/applied.py").write_text("raise SystemExit('broken')\n")

    assert prove()[0] == 2
    assert Path("proofs.json").read_text() == before


def test_a_file_with_an_underscore_is_no_eval(repository: Path) -> None:
    Path("evals/_parts.py").write_text("raise SystemExit('never run')\n")

    assert prove()[0] == 0


def test_before_the_first_proof_ci_says_what_to_run(repository: Path) -> None:
    assert prove("--check") == (
        0,
        "no proofs.json yet; run `mlcharter prove` and commit it\n",
        "",
    )


def test_an_unknown_gate_is_an_error(repository: Path) -> None:
    assert prove("few-wrng") == (
        2,
        "",
        "error: unknown gate `few-wrng`\n  hint: did you mean `few-wrong`?\n",
    )
