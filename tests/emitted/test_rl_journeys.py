"""A team puts its own log and policy into a repository of the track `rl`: at most five files.

The logs are a bandit on scikit-learn's digits, whose labels tell the true value of any policy; what
a shop showed its customers, as the package `obp` ships it (Open Bandit Dataset, ZOZO); and, to try
sequences, a cart with a pole and a queue, simulated here. The repository has no simulator of them.
"""

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from journey import OURS, Team, run
from sklearn.datasets import load_digits

from conftest import Render
from mlcharter.cli import cli

pytestmark = pytest.mark.journey

STARTER = ("learn.py", "simulator.py")
UV = str(Path(sys.executable).with_name("uv"))
SHOP = [
    "time",
    "position",
    "action",
    "propensity",
    "reward",
    *(f"user_feature_{n}" for n in range(4)),
]
POLICY = '''"""The policy: linear scores of the features, mixed with those of an older policy."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

FILE = Path(__file__).with_name("policy.json")
DISCOUNT = 0.98
ACTIONS = {actions!r}
FEATURES: dict[str, type] = dict.fromkeys({features!r}, float)


def propensities(states: pd.DataFrame) -> Floats:
    """Return the probability of each action, shape (states, actions)."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    x = np.c_[np.ones(len(states)), states[list(FEATURES)].to_numpy(dtype=np.float64)]
    chances = np.zeros((len(states), len(ACTIONS)))
    for part in content["mixture"]:
        best = (x @ np.array(part["weights"])).argmax(axis=1)
        rest = part["noise"] / len(ACTIONS)
        chances += part["share"] * (rest + (1 - part["noise"]) * np.eye(len(ACTIONS))[best])
    return chances
'''
SHIELD = '''"""The shield: nothing is forbidden in this system."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd


def permitted(states: pd.DataFrame, actions: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return which actions are permitted in each state, shape (states, actions): all."""
    return np.ones((len(states), len(actions)), dtype=bool)


def shielded(
    propensities: npt.NDArray[np.float64], permitted: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Return the propensities as they are."""
    return propensities
'''


def scores(x: np.ndarray, wanted: np.ndarray) -> list[list[float]]:
    """Weights of a linear fit of one score an action."""
    table = np.c_[np.ones(len(x)), x]
    gram = table.T @ table + 0.1 * np.eye(table.shape[1])
    return [list(row) for row in np.linalg.solve(gram, table.T @ wanted).round(6)]


def acting(x: np.ndarray, mixture: list[dict[str, Any]], actions: int) -> np.ndarray:
    """What `propensities` of POLICY returns."""
    table, chances = np.c_[np.ones(len(x)), x], np.zeros((len(x), actions))
    for part in mixture:
        best = (table @ np.array(part["weights"])).argmax(axis=1)
        rest = part["noise"] / actions
        chances += part["share"] * (rest + (1 - part["noise"]) * np.eye(actions)[best])
    return chances


class ByHand:
    """A repository of the track, with what a team changes in it."""

    def __init__(self, template: Path, folder: Path) -> None:
        self.template, self.root = template, folder / "system"
        shutil.copytree(template, self.root)
        [self.rl] = self.root.glob("src/*/rl")

    def bring(self, log: pd.DataFrame, actions: list[str], mixture: list[dict[str, Any]]) -> None:
        known = {"episode", "step", "action", "propensity", "reward", "violation"}
        page = POLICY.format(
            actions=tuple(actions), features=tuple(c for c in log if c not in known)
        )
        log.to_csv(self.root / "data/log.csv", index=False)
        (self.rl / "policy.py").write_text(page, encoding="utf-8")
        (self.rl / "policy.json").write_text(json.dumps({"mixture": mixture}), encoding="utf-8")
        (self.rl / "shield.py").write_text(SHIELD, encoding="utf-8")
        for name in STARTER:
            (self.rl / name).unlink(missing_ok=True)
        (self.root / "tests/rl/test_starter.py").unlink(missing_ok=True)

    def run(self, *words: str) -> str:
        env = os.environ | {"PYTHONPATH": "src", "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=self.root, env=env, capture_output=True, text=True
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    def verdicts(self) -> dict[str, str]:
        """Measure, pin and decide: the reason of each gate in `gates` and `ope`."""
        self.run("evals.rl")
        self.run("mlcharter", "gate", "--pin", "reports/rl.json")
        found = json.loads(self.run("mlcharter", "gate", "--format", "json", "reports/rl.json"))
        return {v["gate"]: v["reason"] for v in found["verdicts"]}

    def result(self, metric: str, against: str | None = None) -> dict[str, Any]:
        report = json.loads((self.root / "reports/rl.json").read_text(encoding="utf-8"))
        key = (metric, against)
        [found] = [r for r in report["results"] if (r["metric"], r["against"]) == key]
        return dict(found)

    def changed(self) -> list[str]:
        """The files that differ from what was generated, without reports and deleted ones."""
        return sorted(
            name
            for path in self.template.rglob("*")
            if path.is_file()
            and (self.root / (name := path.relative_to(self.template).as_posix())).exists()
            and not filecmp.cmp(path, self.root / name, shallow=False)
        )


@pytest.fixture
def setup(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make setup` installs this checkout."""
    monkeypatch.setenv("MLCHARTER_SOURCE", str(wheel))


@pytest.fixture
def by_hand(render: Render, tmp_path: Path) -> ByHand:
    return ByHand(render(tracks=["rl"], package="system"), tmp_path)


TOUCHED = [
    "data/log.csv",
    "docs/eval_pack.md",
    "src/system/rl/policy.json",
    "src/system/rl/policy.py",
    "src/system/rl/shield.py",
]


def digits(noise: float) -> tuple[pd.DataFrame, np.ndarray, list[dict[str, Any]], Any]:
    """A log of who reads digits with few examples and much noise, and a better reader."""
    x, label = load_digits(return_X_y=True)
    order = np.random.default_rng(3).permutation(len(x))
    x, label = x[order] / 16, label[order]
    before = {"share": 1.0, "noise": noise, "weights": scores(x[:120], np.eye(10)[label[:120]])}
    chances = acting(x, [before], 10)
    generator = np.random.default_rng(4)
    taken = np.array([generator.choice(10, p=row) for row in chances])
    log = pd.DataFrame(x, columns=[f"pixel{i}" for i in range(64)])
    log = log.assign(
        episode=[f"image-{i}" for i in range(len(x))],
        action=taken,
        propensity=chances[np.arange(len(x)), taken],
        reward=(taken == label).astype(int),
        violation=((taken == 7) & (label == 1)).astype(int),
    )
    half = len(x) // 2
    paid = np.zeros((half, 10))  # importance-weighted rewards of the earlier half
    paid[np.arange(half), taken[:half]] = (log["reward"] / log["propensity"])[:half]
    return log, label, [before], scores(x[:half], paid)


CHANCES = """
import pandas as pd
from system.rl import policy
states = pd.read_csv("data/log.csv")[list(policy.FEATURES)]
print(policy.propensities(states).tolist())
"""


def test_a_bandit_log_of_digits_is_judged_by_the_true_labels(tmp_path: Path, setup: None) -> None:
    team = Team(tmp_path, "--track", "rl")
    log, label, _, _ = digits(noise=0.4)
    log.to_csv(tmp_path / "digits.csv", index=False)

    team.starter("replace", "../digits.csv", "--licence", "CC-BY-4.0")
    assert set(team.decide().values()) <= {"missed"}

    team.finish()
    assert team.print_cost("a bandit's log of handwritten digits") == ["docs/eval_pack.md"]
    chances = np.array(json.loads(team.run(".venv/bin/python", "-c", CHANCES)))
    later = slice(len(log) - len(log) // 2, None)
    truth = chances[later][np.arange(len(log) // 2), label[later]].mean()
    results = json.loads((team.root / "reports/rl.json").read_text(encoding="utf-8"))["results"]
    [value] = [r for r in results if (r["metric"], r["against"]) == ("value-dr", None)]
    assert value["interval"]["lower"] <= truth <= value["interval"]["upper"]


def test_of_what_a_shop_showed_it_is_said_that_46_clicks_show_no_uplift(
    tmp_path: Path, setup: None
) -> None:
    """Items drawn at random for 10,000 visitors; what is known of them is hashed."""
    team = Team(tmp_path, "--track", "rl")
    run(tmp_path, UV, "pip", "install", "-q", "--no-deps", "--target", "shipped", "obp==0.4.1")
    shown = pd.read_csv(tmp_path / "shipped/obp/dataset/obd/random/men/men.csv")
    names = {"item_id": "action", "propensity_score": "propensity", "click": "reward"}
    log = shown.rename(columns=names | {"timestamp": "time"})[SHOP].assign(episode=shown.index)
    log.to_csv(tmp_path / "shop.csv", index=False)

    team.starter("replace", "../shop.csv", "--licence", "CC-BY-4.0")
    assert team.decide() == {"ope-uplift": "missed"}

    team.finish(unproven={"ope-uplift"})
    assert team.print_cost("a shop's log of what it showed") == ["docs/eval_pack.md"]


def test_a_policy_that_the_bandit_log_hardly_shows_is_refused(by_hand: ByHand) -> None:
    log, _, _, better = digits(noise=0.1)
    worst = (-np.array(better)).tolist()
    by_hand.bring(
        log, [str(i) for i in range(10)], [{"share": 1.0, "noise": 0.0, "weights": worst}]
    )

    reasons = by_hand.verdicts()

    assert reasons["ope-ess-ratio"] == "missed"
    assert reasons["ope/go"] in ("insufficient-support", "missed")


LEFT, RIGHT = 0, 1
BALANCE = [[0.0, 0.0], [0.0, 0.5], [0.0, 0.5], [0.0, 10.0], [0.0, 2.0]]


def cart_with_a_pole(noise: float, episodes: int, seed: int, horizon: int = 25) -> pd.DataFrame:
    """Episodes of Barto, Sutton and Anderson's cart with a pole (1983), all at once."""
    generator = np.random.default_rng(seed)
    state = generator.uniform(-0.12, 0.12, (episodes, 4))
    running, parts = np.arange(episodes), []
    for step in range(horizon):
        chances = acting(state, [{"share": 1.0, "noise": noise, "weights": BALANCE}], 2)
        action = (generator.random(len(state)) >= chances[:, LEFT]).astype(int)
        _, speed, angle, turning = state.T
        force = np.where(action == RIGHT, 10.0, -10.0)
        pushed = (force + 0.05 * turning**2 * np.sin(angle)) / 1.1
        drawn = 9.8 * np.sin(angle) - np.cos(angle) * pushed
        turn = drawn / (0.5 * (4 / 3 - 0.1 * np.cos(angle) ** 2 / 1.1))
        push = pushed - 0.05 * turn * np.cos(angle) / 1.1
        change = np.c_[speed, push, turning, turn]
        after = state + 0.02 * change
        fallen = np.abs(after[:, 2]) > 0.21
        parts.append(
            pd.DataFrame(state, columns=["place", "speed", "angle", "turning"]).assign(
                episode=running,
                step=step,
                action=np.where(action == RIGHT, "right", "left"),
                propensity=chances[np.arange(len(state)), action],
                reward=((1 - np.abs(after[:, 2]) / 0.21) / horizon).round(6),
                violation=fallen.astype(int),
            )
        )
        running, state = running[~fallen], after[~fallen]
    return pd.concat(parts).sort_values(["episode", "step"])


def test_a_log_of_a_cart_with_a_pole_is_judged_without_a_simulator(by_hand: ByHand) -> None:
    log = cart_with_a_pole(noise=0.4, episodes=900, seed=1)
    mixture = [{"share": 1.0, "noise": 0.27, "weights": BALANCE}]
    by_hand.bring(log, ["left", "right"], mixture)

    reasons = by_hand.verdicts()

    fresh = cart_with_a_pole(noise=0.27, episodes=4000, seed=2)
    truth = (fresh["reward"] * 0.98 ** fresh["step"]).groupby(fresh["episode"]).sum().mean()
    found = by_hand.result("value-dr")
    assert found["interval"]["lower"] <= truth <= found["interval"]["upper"]
    assert {gate for gate, reason in reasons.items() if reason != "holds"} == set()
    assert by_hand.changed() == TOUCHED


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


def test_one_command_puts_a_log_of_a_queue_in_and_leaves_no_simulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue().to_csv(tmp_path / "queue.csv", index=False)
    root = tmp_path / "system"
    run(tmp_path, *OURS, "new", "system", "--defaults", "--track", "rl")
    monkeypatch.setenv("PYTHONPATH", f"{root / 'src'}{os.pathsep}{root}")

    printed = run(root, *OURS, "starter", "replace", "../queue.csv", "--licence", "CC0-1.0")
    assert "11 gates are proposed in docs/eval_pack.md" in printed

    printed = run(root, *OURS, "gate", "reports/rl.json")
    verdicts = re.findall(r"\d+ ([a-z]+)", printed.splitlines()[-1].partition(": ")[2])
    assert set(verdicts) <= {"undecided", "warn"}
    assert "11 gates proven" in run(root, *OURS, "prove")
    run(root, sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/rl")
    starter = re.compile(rb"quay|crane|driver|simulator\.py|r2c0")
    run(root, "git", "add", "-A")
    names = run(root, "git", "ls-files").splitlines()
    assert [name for name in names if starter.search((root / name).read_bytes())] == []


def test_a_log_that_breaks_its_contract_stops_every_gate_with_a_message(by_hand: ByHand) -> None:
    log = cart_with_a_pole(noise=0.5, episodes=60, seed=1)
    log.iloc[7, log.columns.get_loc("propensity")] = 0.0
    by_hand.bring(log, ["left", "right"], [{"share": 1.0, "noise": 0.4, "weights": BALANCE}])

    reasons = by_hand.verdicts()

    assert reasons["rl-log-contract"] == "missed"
    assert set(reasons.values()) == {"missed", "not-produced"}


DEFECTS = """
from evals import {eval_}
for gate, measure in {eval_}.DEFECTS.items():
    measure().write(f"reports/{{gate}}.json", command="a test", inputs={eval_}.INPUTS)
    print(gate)
"""


@pytest.mark.parametrize(
    ("eval_", "count"), [("rl", 11), ("agents", 3), ("bandit", 6), ("reward", 9)]
)
def test_each_defect_is_seen_by_its_gate(
    render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eval_: str, count: int
) -> None:
    setting = "bandit" if eval_ == "bandit" else "several-agents"
    answers = {"rl_setting": setting, "rl_learned_reward": eval_ == "reward"}
    system = ByHand(render(tracks=["rl"], package="system", **answers), tmp_path)
    (system.root / "defects.py").write_text(DEFECTS.format(eval_=eval_), encoding="utf-8")
    gates = system.run("defects").split()
    monkeypatch.chdir(system.root)

    reasons = {}
    for gate in gates:
        words = ["gate", "--only", gate, "--format", "json", f"reports/{gate}.json"]
        [verdict] = json.loads(CliRunner().invoke(cli, words).output)["verdicts"]
        reasons[gate] = verdict["reason"]

    assert len(gates) == count
    assert reasons == dict.fromkeys(gates, "missed")
