"""`mlcharter starter replace` in the track rl: a decision log becomes data, a policy and gates."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from mlcharter.cli import cli
from mlcharter.evals.logs import Log
from mlcharter.formats import report as format_
from mlcharter.starter.tracks import rl
from mlcharter.support.errors import UserError

OPTIONS = {"actions": (), "discount": 1.0, "licence": None}
ACTIONS = ["left", "right", "wait"]


def bandit(rows: int = 200) -> pd.DataFrame:
    generator = np.random.default_rng(1)
    taken = generator.choice(3, rows, p=[0.5, 0.3, 0.2])
    return pd.DataFrame(
        {
            "episode": np.arange(rows),
            "load": generator.random(rows).round(3),
            "berth": generator.choice(["north", "south"], rows),
            "action": np.array(ACTIONS)[taken],
            "propensity": np.array([0.5, 0.3, 0.2])[taken],
            "reward": (taken == 1).astype(int),
            "violation": (taken == 2).astype(int),
        }
    )


def masked() -> pd.DataFrame:
    """A log in which waiting is possible in half of the states, or when it was done."""
    log = bandit()
    waits = (log.action == "wait") | (log.index % 2 == 0)
    return log.assign(
        allowed=np.where(waits, "left right wait", "left right"),
        propensity=log.propensity / np.where(waits, 1, 0.8),
    )


def read(folder: Path, log: pd.DataFrame, **options: Any) -> rl.DecisionLog:
    path = folder / "decisions.csv"
    log.to_csv(path, index=False)
    return rl.read(path, OPTIONS | options)


def refused(folder: Path, log: pd.DataFrame, **options: Any) -> list[str]:
    """The mistakes that the one error lists."""
    with pytest.raises(UserError) as error:
        read(folder, log, **options)
    first, *mistakes = error.value.message.splitlines()
    assert first.endswith("decisions.csv is no decision log yet:")
    return [one.removeprefix("  - ") for one in mistakes]


def test_one_error_lists_every_mistake_with_the_nearest_name(tmp_path: Path) -> None:
    log = bandit()
    log.loc[3, "action"] = "rigth"
    log.loc[4, "propensity"] = 0.0
    log.loc[7, "propensity"] = 1.2
    log.loc[9, "reward"] = None

    assert refused(tmp_path, log, actions=ACTIONS) == [
        "column `reward` is missing in row 9",
        "column `reward` is no finite number in row 9",
        "column `propensity` is not in (0, 1] in row 4 and 1 more",
        "column `action` is none of left, right, wait in row 3; `rigth` is near `right`",
    ]


def test_a_missing_column_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    log = bandit().rename(columns={"propensity": "propensities"})

    assert refused(tmp_path, log) == ["there is no column `propensity`; rename `propensities`"]


def test_an_action_outside_of_its_mask_is_refused(tmp_path: Path) -> None:
    log = masked()
    log["allowed"] = "left right"

    [unknown, outside] = refused(tmp_path, log)

    assert unknown.startswith("column `action` is none of left, right in row ")
    assert outside.startswith("column `allowed` is without the action that was taken in row ")


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        (
            lambda log: log.assign(propensity=1.0),
            "column `propensity` is 1 in every row: such a log shows no other policy",
        ),
        (
            lambda log: log.assign(propensity=log.propensity / 2),
            "column `propensity` is too small: 1 / propensity has a mean of ",
        ),
        (
            lambda log: log[:9],
            "the log has fewer than 10 episodes; half of them judge the policy",
        ),
    ],
    ids=["deterministic", "halved", "short"],
)
def test_a_log_that_can_judge_no_policy_is_refused(
    tmp_path: Path, change: Any, mistake: str
) -> None:
    [found] = refused(tmp_path, change(bandit()))

    assert found.startswith(mistake)


def test_what_was_never_taken_is_said(tmp_path: Path) -> None:
    assert read(tmp_path, bandit(), actions=[*ACTIONS, "anchor"]).render() == [
        "200 decisions in 200 episodes, a bandit",
        "its policy never takes `anchor`, so no log can tell",
        "without a mask `allowed`, the shield forbids nothing: write yours",
    ]


def format_code(content: bytes) -> bytes:
    """Return Python as ruff writes it with the line length of an emitted repository."""
    words = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "100", "-"]
    return subprocess.run(words, input=content, capture_output=True, check=True).stdout


def learn(folder: Path, log: pd.DataFrame, **options: Any) -> list[Any]:
    """Write the pages of a log and run its learner: actions, probabilities, baseline, content."""
    own = read(folder, log, **options)
    for path, content in {**own.list_data(), **own.write_pages(ANSWERS)}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    asked = """
import json
import pandas as pd
from system.rl import learn, policy, shield
learn.main()
states = pd.DataFrame([policy.SMOKE, policy.SMOKE | {"berth": "new", "allowed": "left right"}])
found = policy.propensities(states)
data = policy.FILE.read_bytes()
baseline = policy.load(data, "baseline")(states)
print(json.dumps([policy.ACTIONS, found.tolist(), baseline.tolist(), json.loads(data)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=folder,
        env={"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.parametrize("log", [bandit, masked])
def test_the_pages_are_formatted_as_the_repository_asks(tmp_path: Path, log: Any) -> None:
    pages = read(tmp_path, log()).write_pages(ANSWERS)

    written = [content for path, content in pages.items() if path.endswith(".py")]

    assert [format_code(content) for content in written] == written


@pytest.mark.parametrize("log", [bandit, masked])
def test_the_pages_learn_a_policy_within_the_mask(tmp_path: Path, log: Any) -> None:
    actions, found, baseline, _ = learn(tmp_path, log())

    assert actions == ACTIONS
    assert np.sum(found, axis=1) == pytest.approx([1, 1])
    assert (found[1][2] == 0) is (log is masked)
    assert found[0][1] > baseline[0][1]  # `right` earned more
    assert baseline[0] == pytest.approx([0.5, 0.3, 0.2], abs=0.2)


def test_an_action_that_pays_and_violates_gets_a_price(tmp_path: Path) -> None:
    """Waiting earns 1.5 and always violates, going right earns 1 and never does."""
    log = bandit(400)
    log["reward"] = log["action"].map({"left": 0.0, "right": 1.0, "wait": 1.5})

    _, found, baseline, content = learn(tmp_path, log)

    assert content["price"] == pytest.approx(0.5, abs=0.1)
    assert found[0][1] > baseline[0][1]
    assert found[0][2] < baseline[0][2]


def test_what_the_log_never_shows_is_never_done(tmp_path: Path) -> None:
    """Rewards are losses, so that an action without any would look best."""
    log = bandit().drop(columns="violation")
    log["reward"] -= 10

    actions, found, baseline, _ = learn(tmp_path, log, actions=["anchor", *ACTIONS])

    assert actions[0] == "anchor"
    assert [row[0] for row in found + baseline] == [0, 0, 0, 0]


def test_an_action_that_was_lucky_twice_is_not_preferred(tmp_path: Path) -> None:
    log = bandit(600).drop(columns="violation")
    log["action"] = log["action"].replace("wait", "left")
    log.loc[[1, 2], ["action", "propensity", "reward"]] = ["wait", 0.01, 1.0]
    log.loc[log["action"] == "right", "reward"] = np.random.default_rng(2).integers(
        0, 2, (log["action"] == "right").sum()
    )

    _, found, baseline, _ = learn(tmp_path, log)

    assert found[0][1] > baseline[0][1]


def test_without_violations_there_is_no_price(tmp_path: Path) -> None:
    _, found, baseline, content = learn(tmp_path, bandit().drop(columns="violation"))

    assert "price" not in content
    assert found[0][1] > baseline[0][1]


ANSWERS = {"package": "system", "owner": "@acme/ml"}


def result(
    metric: str, value: float, against: str | None = None, width: float = 1
) -> dict[str, Any]:
    interval = {"lower": value - width, "upper": value + width, "level": 0.95, "unit": "episode"}
    return {
        **{"metric": metric, "dataset": "decision-log", "slice": "later-half", "value": value},
        **{"against": against, "n": 100, "interval": {**interval, "method": "bootstrap"}},
    }


def report(value: float, width: float = 1) -> format_.Report:
    """A report of a policy that earns `value` where the policy of the log earns 0.3."""
    run: dict[str, Any] = {
        "command": "python -m evals.rl",
        "commit": None,
        "dirty": None,
        "seed": 7,
    }
    run |= {"started_at": "2026-11-30T12:00:00+00:00", "cpu_seconds": 1.0, "python": "3.12.0"}
    names = ["weight-error", "ess-ratio", "estimator-disagreement", "violation-rate"]
    names += ["exploration", "worst-returns"]
    content = {
        **{"version": 1, "track": "rl", "run": run | {"packages": {}}},
        "datasets": [{"id": "decision-log", "sha256": "a" * 64, "rows": 200}],
        "slices": [{"dataset": "decision-log", "slice": "later-half", "unit": "episode", "n": 100}],
        "artifacts": [{"kind": "split", "name": "decision-log", "sha256": "b" * 64, "path": None}],
        "results": [
            result("value-dr", value),
            result("value-dr", round(value - 0.3, 6), "behaviour"),
            *(result(name, value, width=width) for name in names),
        ],
    }
    return format_.parse(json.dumps(content).encode(), "reports/rl.json")


def test_thresholds_come_from_the_policy_of_the_log_and_not_from_the_one_judged(
    tmp_path: Path,
) -> None:
    own = read(tmp_path, bandit())

    blocks = own.propose(report(0.9))

    gates = {gate["id"]: gate for gate in yaml.safe_load(blocks["gates"])}
    limits = {id_: (gate["op"], gate["threshold"], gate["bound"]) for id_, gate in gates.items()}
    log = Log(bandit(), ACTIONS)
    assert limits == {
        "ope-uplift": (">=", 0, "lower95"),
        "ope-propensities": ("<=", 0.25, "upper95"),
        "ope-ess-ratio": (">=", 0.2, "lower95"),
        "ope-disagreement": ("<=", round(0.2 * log.reward.std(ddof=1), 4), "upper95"),
        "policy-violations": ("<=", log.violated().mean(), "upper95"),
        "policy-worst-returns": (">=", round(-0.4 * log.reward.std(ddof=1), 3), "lower95"),
        "policy-exploration": ("<=", round(1 - log.propensity.mean(), 3), "point"),
    }
    assert gates["ope-uplift"]["rationale"] == "the policy of the log earns 0.3 an episode"
    assert {(gate["on_fail"], gate["decided_on"]) for gate in gates.values()} == {("warn", None)}
    assert own.propose(report(0.1))["gates"] == blocks["gates"]


def test_worst_episodes_that_are_all_alike_get_no_gate(tmp_path: Path) -> None:
    """Of rewards of 0 and 1, the worst 5 % earn 0 in every resample, which decides nothing."""
    gates = read(tmp_path, bandit()).propose(report(0.9, width=0))["gates"]

    assert "policy-worst-returns" not in gates
    assert "policy-violations" in gates


def test_a_service_keeps_the_backend_of_the_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, root = tmp_path / "decisions.csv", tmp_path / "system"
    bandit().to_csv(path, index=False)
    words = ["new", str(root), "--defaults", "--track", "rl", "--track", "platform"]
    assert CliRunner().invoke(cli, words).exit_code == 0
    monkeypatch.chdir(root)

    done = CliRunner().invoke(cli, ["starter", "replace", str(path), "--dry-run"])

    assert done.exit_code == 0, done.output
    removed = {line.split()[1] for line in done.output.splitlines() if "removed: " in line}
    assert {"src/system/rl/simulator.py", "tests/platform/test_backend_rl.py"} <= removed
    assert not {path for path in removed if path.startswith("src/system/serving/")} - {
        "src/system/serving/scoring.py",
        "src/system/serving/scorer.py",
    }
    assert "fill in rl_rollout in ops/runbook.md, then the service serves your policy" in (
        done.output
    )
