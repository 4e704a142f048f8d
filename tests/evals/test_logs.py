"""Decision logs: what breaks the contract is named; what keeps it is read, split and covered."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcharter.evals import logs, ope
from mlcharter.evals.logs import Log

ACTIONS = ("left", "right")


def sequences() -> pd.DataFrame:
    """Two episodes of a log with every column; their rows lie between each other."""
    return pd.DataFrame(
        {
            "episode": ["b", "a", "b", "a", "b"],
            "step": [0, 0, 1, 1, 2],
            "time": [
                "2026-02-02T10:00Z",
                "2026-01-01",
                "2026-02-02T10:01Z",
                "2026-01-01",
                "2026-03",
            ],
            "place": [1.5, 2.0, None, 0.0, 1.0],
            "weather": ["dry", "wet", "dry", None, "dry"],
            "allowed": ["left right", "right", "left right", "left right", "left"],
            "action": ["left", "right", "right", "left", "left"],
            "propensity": [0.5, 1.0, 0.25, 0.5, 1.0],
            "reward": [0, 1, 0, 0.5, 2],
            "violation": [0, 0, 0, 1, 0],
            "terminated": [0, 0, 0, 1, 0],
            "policy_version": ["v1", "v1", "v1", "v1", "v1"],
        }
    )


def bandit(rows: int = 4) -> pd.DataFrame:
    taken = [ACTIONS[row % 2] for row in range(rows)]
    columns = {"episode": range(rows), "age": range(rows), "action": taken}
    return pd.DataFrame({**columns, "propensity": 0.5, "reward": 1.0})


@pytest.mark.parametrize("table", [sequences(), bandit()], ids=["sequences", "bandit"])
def test_a_log_that_meets_the_contract_has_no_problems(table: pd.DataFrame) -> None:
    assert logs.find_problems(table, ACTIONS) == []


def test_rows_are_by_episode_in_order_of_time_and_step() -> None:
    log = Log(sequences(), ACTIONS)

    assert log.table[["episode", "step"]].to_numpy().tolist() == [
        ["a", 0],
        ["a", 1],
        ["b", 0],
        ["b", 1],
        ["b", 2],
    ]
    assert (log.episodes, log.episode.tolist()) == (["a", "b"], [0, 0, 1, 1, 1])
    assert log.action.tolist() == [1, 0, 0, 1, 0]
    assert log.violated().tolist() == [True, False]


def test_the_state_is_every_column_without_another_meaning() -> None:
    assert list(Log(sequences(), ACTIONS).states) == ["place", "weather"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"propensity": 0.0}, "column `propensity` is not in (0, 1] in row 0 and 4 more"),
        ({"propensity": [0.5, 1.2, 1, 1, 1]}, "column `propensity` is not in (0, 1] in row 1"),
        ({"reward": [1, 1, None, 1, 1]}, "column `reward` is missing in row 2"),
        ({"reward": ["much"] * 5}, "column `reward` is no finite number in row 0 and 4 more"),
        ({"action": ["up", *"....."][:5]}, "column `action` is none of left, right in row 0 and 4"),
        ({"allowed": "up"}, "column `allowed` is no list of actions, separated by spaces in row 0"),
        (
            {"allowed": "left"},
            "column `allowed` is without the action that was taken in row 1 and 1",
        ),
        ({"violation": 2}, "column `violation` is neither 0 nor 1 in row 0 and 4 more"),
        ({"terminated": 1}, "column `terminated` is 1 although the episode goes on in row 0 and 2"),
        ({"time": "noon"}, "column `time` is no ISO 8601 date or time in row 0 and 4 more"),
        (
            {"time": ["2026-02-02", "2026-01-01", "2026-02-01", "2026-01-01", "2026-02-03"]},
            "column `time` is before the step that it follows in row 2",
        ),
        (
            {"step": [0, 0, 2, 1, 3]},
            "column `step` is repeated, or without the one before it in its episode in row 2 and 1",
        ),
        ({"step": [0, 0, 0, 1, 1]}, "column `step` is repeated, or without the one before it"),
    ],
)
def test_what_breaks_the_contract_is_named_with_column_and_row(
    changes: dict[str, Any], problem: str
) -> None:
    found = logs.find_problems(sequences().assign(**changes), ACTIONS)

    assert [line for line in found if line.startswith(problem)], found


def test_a_misspelled_column_is_suggested() -> None:
    renamed = sequences().rename(columns={"propensity": "propensities"})

    assert logs.find_problems(renamed, ACTIONS) == [
        "there is no column `propensity`; rename `propensities`"
    ]


def test_an_episode_of_several_rows_needs_steps() -> None:
    assert logs.find_problems(sequences().drop(columns="step"), ACTIONS) == [
        "column `episode` is of an episode that has several rows; add the column `step` "
        "in row 2 and 2 more"
    ]


def test_a_log_without_rows_is_a_problem() -> None:
    assert logs.find_problems(bandit().head(0), ACTIONS) == ["the log has no rows"]


def test_a_broken_log_is_refused_with_all_problems() -> None:
    with pytest.raises(
        ValueError, match=r"breaks its contract: column `reward`.*; column `propensity`"
    ):
        Log(bandit().assign(reward=np.nan, propensity=2.0), ACTIONS)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_names_of_actions_are_text_whatever_they_look_like(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"log.{suffix}"
    table = bandit().assign(action=[0, 1, 0, 1])
    if suffix == "csv":
        table.to_csv(path, index=False)
    else:
        pytest.importorskip("pyarrow", reason="Parquet is read with pyarrow, which is an extra")
        table.to_parquet(path)

    log = Log(logs.load(path), ["1", "0"])

    assert log.action.tolist() == [1, 0, 1, 0]


def test_the_later_share_of_episodes_is_held_out() -> None:
    early, late = Log(sequences(), ACTIONS).split(0.5)

    assert (early.episodes, late.episodes) == (["a"], ["b"])


@pytest.mark.parametrize("share", [0, 0.01, 1])
def test_a_split_without_episodes_on_one_side_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="leaves one side of the split without episodes"):
        Log(bandit(), ACTIONS).split(share)


def test_a_log_is_validated_once_and_not_again_when_it_is_split(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    validated: list[int] = []
    find = logs.find_problems
    monkeypatch.setattr(
        logs, "find_problems", lambda table, actions: validated.append(1) or find(table, actions)
    )

    earlier, later = Log(bandit(), ACTIONS).split(0.5)
    later.split(0.5)

    assert len(earlier) + len(later) == len(bandit())
    assert len(validated) == 1


def test_the_digest_is_of_rows_in_any_order() -> None:
    log = Log(bandit(), ACTIONS)

    assert Log(bandit().iloc[::-1], ACTIONS).digest() == log.digest()
    assert Log(bandit().assign(reward=2), ACTIONS).digest() != log.digest()


def test_a_target_policy_sees_the_log_by_the_probability_of_the_action() -> None:
    log = Log(sequences(), ACTIONS)
    target = np.array([[0, 1], [1, 0], [0.5, 0.5], [0.2, 0.8], [1, 0]])

    seen = log.as_seen_by(target)

    assert seen.target.tolist() == [1, 1, 0.5, 0.8, 1]
    assert seen.behaviour.tolist() == [1, 0.5, 0.5, 0.25, 1]
    assert ope.ips(seen, 1.0)(np.arange(2)) == pytest.approx(
        (1 * 1 + 2 * 0.5 + 0 + 0 + 1 * 3.2 * 2) / 2
    )


def test_actions_outside_of_the_mask_have_no_support() -> None:
    half = np.full((5, 2), 0.5)

    assert Log(sequences(), ACTIONS).unsupported(half).tolist() == [True, False, False, False, True]


def test_an_action_that_was_never_taken_has_no_support() -> None:
    log = Log(bandit(), [*ACTIONS, "up"])

    assert log.unsupported(np.tile([0.5, 0.4, 0.1], (4, 1))).all()
    assert not log.unsupported(np.tile([0.5, 0.5, 0.0], (4, 1))).any()


def test_coverage_counts_each_action() -> None:
    assert Log(sequences(), ACTIONS).coverage().to_numpy().tolist() == [
        ["left", 4, 3, 0.5, pytest.approx(2.5 / 3)],
        ["right", 4, 2, 0.25, 0.5],
    ]


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (np.full((4, 3), 1 / 3), r"shape \(rows, actions\) = \(4, 2\), not \(4, 3\)"),
        (np.tile([1.5, -0.5], (4, 1)), r"propensities are not in \[0, 1\] in row 0"),
        (np.array([[1, 0], [0.5, 0.6], [1, 0], [1, 0]]), "do not add up to 1 in row 1"),
    ],
)
def test_what_is_no_policy_is_refused(target: np.ndarray, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Log(bandit(), ACTIONS).as_seen_by(target)


def test_a_log_without_violations_has_no_rate_of_them() -> None:
    with pytest.raises(ValueError, match="the log has no column `violation`"):
        Log(bandit(), ACTIONS).violated()
