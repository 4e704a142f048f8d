"""Each metric on four trips of one move, worked out by hand."""

import numpy as np
import pytest
from mlcharter.evals import ope
from mlcharter.evals.logs import Log, find_problems
from mlcharter.evals.reports import Report
from pandas import DataFrame

from evals import rl
from quay_dispatch.rl import policy

# The policy of the log takes `go` half of the time; the judged one takes it three times in four.
TABLE = DataFrame(
    {
        "episode": [1, 2, 3, 4],
        "action": ["go", "go", "stay", "stay"],
        "propensity": 0.5,
        "reward": [1.0, 0.0, 1.0, 0.0],
        "violation": [0, 1, 0, 0],
    }
)
ACTIONS = ("go", "stay")
TARGET = np.array([[0.75, 0.25]] * 4)  # weights 1.5, 1.5, 0.5, 0.5
LOG = Log(TABLE, ACTIONS)
SEEN = LOG.as_seen_by(TARGET, q=np.full(4, 0.5), v=np.full(4, 0.5))


@pytest.mark.parametrize(
    ("estimator", "value"),
    [
        ("ips", (1.5 * 1 + 0.5 * 1) / 4),
        ("snips", (1.5 * 1 + 0.5 * 1) / 4),  # the weights add up to four
        ("dr", 0.5 + (1.5 * 0.5 - 1.5 * 0.5 + 0.5 * 0.5 - 0.5 * 0.5) / 4),
    ],
)
def test_the_value_of_a_policy(estimator: str, value: float) -> None:
    assert ope.value(SEEN, estimator, seed=1).value == pytest.approx(value)


def test_the_gain_over_the_policy_of_the_log() -> None:
    gain = ope.value(SEEN, "ips", seed=1, against_behaviour=True)
    assert gain.value == pytest.approx(0.5 - 0.5)


def test_support() -> None:
    found = ope.support(SEEN, seed=1)
    assert found.ess_ratio.value == pytest.approx(4**2 / (4 * (1.5**2 * 2 + 0.5**2 * 2)))
    assert found.weight_error.value == pytest.approx(0.0)
    assert found.largest_weight == 1.5
    assert int(LOG.unsupported(TARGET).sum()) == 0
    assert int(Log(TABLE[:2], ACTIONS).unsupported(TARGET[:2]).sum()) == 2  # `stay` is never taken


def test_violations_are_weighted() -> None:
    assert ope.rate(SEEN, LOG.violated()).value == pytest.approx(1.5 / 4)


def test_the_estimators_agree_here() -> None:
    assert ope.disagreement(SEEN, seed=1).value == pytest.approx(0.0)


def test_exploration_is_what_is_not_the_likeliest_and_a_leak_what_is_forbidden() -> None:
    """In `r2c0`, of the edge lane, `down` is forbidden; in `r1c1` nothing is."""
    logged = {"episode": [1, 2], "cell": ["r2c0", "r1c1"], "action": ["up", "right"]}
    table = DataFrame({**logged, "propensity": 0.25, "reward": 0.0, "violation": [0, 0]})
    target = np.array([[0.6, 0.2, 0.2, 0.0], [0.0, 0.9, 0.1, 0.0]])
    report = Report("rl", seed=1)
    report.add_dataset(rl.DATASET, "0" * 64, 2)
    rl.safety(report, Log(table, policy.ACTIONS), lambda states: target)
    found = {one["metric"]: one["value"] for one in report.content(command="by hand")["results"]}
    assert found["exploration"] == pytest.approx((0.4 + 0.1) / 2)
    assert found["shield-leaks"] == 1


def test_a_problem_of_the_log_is_counted() -> None:
    assert len(find_problems(TABLE.assign(propensity=0.0), ACTIONS)) == 1
