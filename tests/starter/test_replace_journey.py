"""From the starter to a team's own table by one command: what is written, and what is left open."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from sklearn.datasets import load_digits

from mlcharter.cli import cli

pytestmark = pytest.mark.journey


def penguins() -> pd.DataFrame:
    """Three species, a column of text, and gaps in all columns."""
    generator = np.random.default_rng(1)
    means = {"Adelie": (39, 18, 190), "Chinstrap": (49, 18, 196), "Gentoo": (48, 15, 217)}
    species = generator.choice(list(means), 344, p=[0.44, 0.2, 0.36])
    values = np.array([means[s] for s in species]) + generator.normal(0, [4, 1.6, 9], (344, 3))
    table = pd.DataFrame(values.round(1), columns=["bill length", "bill depth", "flipper"])
    table["island"] = np.where(species == "Gentoo", "Biscoe", generator.choice(["Dream", "B"], 344))
    table["sex"] = generator.choice(["female", "male"], 344)
    gaps = generator.random(table.shape) < 0.02
    return table.mask(pd.DataFrame(gaps, columns=table.columns)).assign(species=species)


def stays() -> pd.DataFrame:
    """Days in hospital of patients who come several times, with dates and gaps."""
    generator = np.random.default_rng(2)
    patient = generator.integers(0, 400, 900)
    age = generator.normal(60, 15, 400).round()[patient]
    ward = generator.choice(["surgery", "cardiology"], 900).astype(object)
    emergency = generator.random(900) < 0.3
    days = 2 + age / 20 + 3 * emergency + (ward == "surgery") + generator.gamma(2, 0.5, 900)
    age[::17] = np.nan
    columns = {"patient": patient, "age": age, "ward": ward, "emergency": emergency}
    vital = {"pulse": generator.normal(80, 12, 900), "pressure": generator.normal(130, 15, 900)}
    return pd.DataFrame({**columns, **vital, "days": days.round(1)})


def long_stays() -> pd.DataFrame:
    """Whether a patient stays for more than a week."""
    return stays().assign(long=lambda table: table.days > 7).drop(columns=["days", "patient"])


COSTS = ["--cost-false-negative", "4", "--cost-false-positive", "1"]


def mlcharter(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, words)
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("table", "options", "gates"),
    [
        (penguins, ["--target", "species", "--group", "sex"], 11),
        (stays, ["--target", "days", "--group", "ward", "--entity", "patient"], 9),
        (long_stays, ["--target", "long", "--group", "ward", *COSTS], 11),
    ],
    ids=["three classes", "regression", "binary with costs"],
)
def test_one_command_puts_a_table_in_and_leaves_only_decisions_of_people(
    table, options: list[str], gates: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / f"{table.__name__}.parquet"
    table().to_parquet(data)
    root = tmp_path / "system"
    code, printed = mlcharter("new", str(root), "--defaults", "--track", "applied")
    assert code == 0, printed
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", f"{root / 'src'}{os.pathsep}{root}")

    code, printed = mlcharter("starter", "replace", str(data), *options)
    assert code == 0, printed
    assert f"{gates} gates are proposed in docs/eval_pack.md" in printed

    code, printed = mlcharter("gate", "reports/applied.json")
    assert code == 0, printed
    code, printed = mlcharter("prove")
    assert code == 0, printed
    proven = yaml.safe_load(Path("proofs.json").read_text())
    assert len(proven["proofs"]) == gates
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/applied"]
    subprocess.run(tests, check=True)
    assert mlcharter("starter", "list")[1] == "nothing is left of the starter\n"
    code, printed = mlcharter("check")
    assert code == 0, printed
    fails = re.search(r"fails at complete: (.*)", printed)
    assert fails
    rules = {part.split()[1] for part in fails[1].split(", ")}
    open_ = {"config-unfilled", "gate-undecided", "field-empty", "section-unfilled"}
    assert rules == open_ | {"licence-not-allowed"}  # no licence was given: NOASSERTION
    code, printed = mlcharter("update", "--to", "current", "--defaults")
    assert "nothing to do" in printed


def digits() -> pd.DataFrame:
    """What a reader of digits chose with some noise, as a bandit; labels are in no column."""
    pixels, label = load_digits(return_X_y=True)
    generator = np.random.default_rng(4)
    order = generator.permutation(len(pixels))
    x, label = np.c_[np.ones(len(pixels)), pixels[order] / 16], label[order]
    gram = x[:120].T @ x[:120] + 0.1 * np.eye(x.shape[1])
    best = (x @ np.linalg.solve(gram, x[:120].T @ np.eye(10)[label[:120]])).argmax(axis=1)
    chances = 0.04 + 0.6 * np.eye(10)[best]
    taken = np.array([generator.choice(10, p=row) for row in chances])
    return pd.DataFrame(x[:, 1:], columns=[f"pixel{i}" for i in range(64)]).assign(
        episode=[f"image-{i}" for i in range(len(x))],
        action=taken,
        propensity=chances[np.arange(len(x)), taken],
        reward=(taken == label).astype(int),
    )


def queue() -> pd.DataFrame:
    """A queue that is served or left alone, with a mask, times and versions; no simulator of it."""
    generator = np.random.default_rng(5)
    rows = []
    for episode in range(400):
        length, ends = int(generator.integers(0, 5)), int(generator.integers(4, 9))
        for step in range(ends):
            serve = 0.0 if length == 0 else 0.35 + 0.1 * min(length, 4)
            done = generator.random() < serve
            now = f"2026-{1 + episode // 40:02d}-{1 + episode % 28:02d}T08:{step:02d}:00Z"
            row = {"episode": f"day-{episode}", "step": step, "time": now, "length": length}
            row |= {"allowed": "leave serve" if length else "leave"}
            row |= {"action": "serve" if done else "leave"}
            row |= {"propensity": serve if done else 1 - serve, "reward": -length - 0.5 * done}
            row |= {"violation": int(length >= 8), "terminated": int(step == ends - 1)}
            rows.append(row | {"policy_version": "clerk-3"})
            length = max(length - done, 0) + int(generator.random() < 0.6)
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("log", "gates"), [(digits, 8), (queue, 10)])
def test_one_command_puts_a_log_in_and_leaves_no_simulator(
    log, gates: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, root = tmp_path / f"{log.__name__}.csv", tmp_path / "system"
    log().to_csv(data, index=False)
    code, printed = mlcharter("new", str(root), "--defaults", "--track", "rl")
    assert code == 0, printed
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", f"{root / 'src'}{os.pathsep}{root}")

    code, printed = mlcharter("starter", "replace", str(data), "--licence", "CC0-1.0")
    assert code == 0, printed
    assert f"{gates} gates are proposed in docs/eval_pack.md" in printed

    code, printed = mlcharter("gate", "reports/rl.json")
    assert code == 0, printed
    verdicts = re.findall(r"\d+ ([a-z]+)", printed.splitlines()[-1].partition(": ")[2])
    assert set(verdicts) <= {"undecided", "warn"}
    code, printed = mlcharter("prove")
    assert code == 0, printed
    proven = yaml.safe_load(Path("proofs.json").read_text())
    assert len(proven["proofs"]) == gates
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/rl"], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "check", "."], check=True)
    assert mlcharter("starter", "list")[1] == "nothing is left of the starter\n"
    starter = re.compile(rb"quay|crane|driver|simulator\.py|r2c0")
    left = [path for path in tracked(root) if starter.search(path.read_bytes())]
    assert left == []
    code, printed = mlcharter("check")
    assert code == 0, printed
    fails = re.search(r"fails at complete: (.*)", printed)
    assert fails
    rules = {part.split()[1] for part in fails[1].split(", ")}
    assert rules == {"config-unfilled", "gate-undecided", "field-empty", "section-unfilled"}
    code, printed = mlcharter("update", "--to", "current", "--defaults")
    assert "nothing to do" in printed


def tracked(root: Path) -> list[Path]:
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    printed = subprocess.run(words, cwd=root, check=True, capture_output=True, text=True).stdout
    return [root / name for name in printed.splitlines() if (root / name).is_file()]
