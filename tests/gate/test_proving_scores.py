"""`mlcharter prove` breaks the scores of a gate that has no eval, until the gate fails."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_scores import write_pack

from mlcharter.cli import cli
from mlcharter.formats import proofs
from mlcharter.support.files import Folder

N = 40
COLUMNS = "id,language,user,correct,correct.old,correct.hits,correct.total,crashes,seconds\n"
CASES = COLUMNS + "".join(
    f"q-{n},{'de' if n % 2 else 'en'},u{n // 2},{int(n % 10 != 3)},{n % 2},{2 + n % 2},3,0,"
    f"{0.2 + n / 100}\n"
    for n in range(N)
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("docs", "scores"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def arrange(table: str = CASES, method: str = "wilson", unit: str = "row", **gate: str) -> None:
    """Write scores and an eval pack whose data is pinned."""
    Path("scores/support.csv").write_text(table)
    write_pack(method, unit, **gate)
    text = Path("docs/eval_pack.md").read_text()
    if gate.get("metric") == "seconds":
        line = "- {id: seconds, unit: s, direction: down, method: bootstrap, resample: row"
        text = text.replace("- {id: crashes", f"{line}, produced_by: eval.py}}\n- {{id: crashes")
        Path("docs/eval_pack.md").write_text(text)
    assert run("gate", "--pin")[0] == 0


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, words)
    return done.exit_code, done.stdout


def without(*names: str) -> str:
    """The cases without some columns."""
    rows = [line.split(",") for line in CASES.splitlines()]
    kept = [i for i, name in enumerate(rows[0]) if name not in names]
    return "".join(",".join(row[i] for i in kept) + "\n" for row in rows)


WILSON = {"threshold": "0.7"}
GERMAN = {"threshold": "0.3", "slice": "german", "min_n": "2"}
BETTER = {"threshold": "0.1", "against": "old"}
NO_WORSE = {"threshold": "-0.05", "against": "old"}
CRASHES = {"metric": "crashes", "op": '"<="', "bound": "point", "threshold": "0"}
SECONDS = {"metric": "seconds", "op": '"<="', "bound": "upper95", "threshold": "30"}


@pytest.mark.parametrize(
    ("table", "method", "unit", "gate", "defect"),
    [
        (CASES, "wilson", "row", WILSON, "10 % of the cases have correct = 0"),
        (CASES, "clopper-pearson", "row", WILSON, "10 % of the cases have correct = 0"),
        (CASES, "bootstrap", "user", WILSON, "10 % of the cases have correct = 0"),
        (CASES, "wilson", "row", GERMAN, "40 % of the cases have correct = 0"),
        (CASES, "bootstrap", "row", BETTER, "correct is that of old"),
        (CASES, "bootstrap", "row", NO_WORSE, "40 % of the cases have correct = 0"),
        (without("correct"), "bootstrap", "row", WILSON, "5 % of the cases have no hits"),
        (CASES, "wilson", "row", CRASHES, "5 % of the cases have crashes = 1"),
        (CASES, "wilson", "row", SECONDS, "all cases have seconds = 50.92"),
    ],
    ids=["share", "exact share", "clusters", "slice", "better", "no worse", "hits", "count", "s"],
)
def test_the_weakest_defect_that_a_gate_fails_on_is_its_proof(
    root: Path, table: str, method: str, unit: str, gate: dict[str, str], defect: str
) -> None:
    arrange(table, method, unit, **gate)
    assert run("gate")[0] == 0, "the sound scores pass"

    code, printed = run("prove")

    read = proofs.read(Folder(root))
    assert isinstance(read, proofs.Proofs)
    [proof] = read.proofs
    assert (code, proof.gate, proof.eval, proof.defect) == (0, "answers", None, defect)
    assert printed == (
        f"answers: fails at {proof.bound:.6g}, as it must ({defect})\n"
        "1 gate proven, 1 of them now\n"
    )
    assert run("prove") == (0, "1 gate proven, 0 of them now\n")


def test_a_gate_that_the_scores_themselves_miss_is_proven_by_scores_that_are_worse(
    root: Path,
) -> None:
    arrange(threshold="0.99")

    code, printed = run("prove")

    assert code == 0
    found = re.match(
        r"answers: fails at (0\.\d+), as it must \(.*\); without the defect it fails at (0\.\d+)\n",
        printed,
    )
    assert found
    [proof] = json.loads(Path("proofs.json").read_text())["proofs"]
    assert proof["value"] < float(found[2])


def test_a_baseline_that_is_better_than_the_scores_proves_nothing_about_them(root: Path) -> None:
    better = without("correct.old").replace("correct.hits", "correct.old,correct.hits", 1)
    rows = [line.split(",") for line in better.splitlines()]
    rows[1:] = [[*row[:4], "1", *row[4:]] for row in rows[1:]]
    table = "".join(",".join(row) + "\n" for row in rows)
    arrange(table, "bootstrap", "row", threshold="0.1", against="old")

    code, printed = run("prove")

    assert code == 0
    assert "correct is that of old" not in printed, "that makes them better"
    [proof] = json.loads(Path("proofs.json").read_text())["proofs"]
    assert proof["value"] < 0


def test_a_gate_that_no_scores_can_fail_is_named(root: Path) -> None:
    arrange(threshold="0")

    assert run("prove") == (
        1,
        "every defect of the scores for answers leaves lower95 of correct at 0, the gate asks "
        ">= 0: use a stronger defect or a stricter gate\n"
        "0 gates proven, 0 of them now\n",
    )


def test_ci_compares_the_proofs_with_the_gates_if_there_are_scores(root: Path) -> None:
    arrange(**WILSON)
    run("prove")
    known = Path("proofs.json").read_text()
    assert run("prove", "--check") == (0, "1 gate proven, 0 of them now\n")

    pack = Path("docs/eval_pack.md")
    pack.write_text(pack.read_text().replace("threshold: 0.7", "threshold: 0.75"))
    code, printed = run("prove", "--check")
    assert code == 1
    assert printed.endswith("proofs.json is out of date; run `mlcharter prove` and commit it\n")

    shutil.rmtree("scores")
    assert run("prove") == (0, "1 gate proven, 0 of them now\n"), "it stays without scores"
    assert Path("proofs.json").read_text() == known


@pytest.mark.parametrize(
    ("old", "new"),
    [("method: wilson", "method: bootstrap"), ("where: every case", "where: language = de")],
)
def test_another_method_or_slice_needs_another_proof(root: Path, old: str, new: str) -> None:
    arrange(**WILSON)
    run("prove")
    before = json.loads(Path("proofs.json").read_text())["proofs"][0]
    pack = Path("docs/eval_pack.md")
    pack.write_text(pack.read_text().replace(old, new, 1))

    assert run("prove", "--check")[0] == 1
    assert run("prove")[0] == 0
    assert json.loads(Path("proofs.json").read_text())["proofs"][0] != before


def test_scores_that_are_too_few_prove_nothing(root: Path) -> None:
    arrange(min_n="400", **WILSON)

    code, printed = run("prove")

    assert code == 1
    assert printed.startswith(
        "every defect of the scores for answers shows nothing about its threshold: "
        "n is 40, but must be at least 400"
    )
