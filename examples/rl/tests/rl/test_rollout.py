"""The kill-switch trips in time, and not by chance, at the limits of the runbook."""

from pathlib import Path

import numpy as np
import pytest
from mlcharter.evals import delays
from mlcharter.evals.sequential import RateTest

from quay_dispatch.rl.limits import rollout_limits
from quay_dispatch.rl.rollout import KillSwitch, canary

LIMITS = rollout_limits(Path(__file__).parents[2])
TEST = RateTest(LIMITS.violation_ceiling, LIMITS.alpha)
"""The library's test of many runs at once; the first test shows that the switch is the same."""


def switch() -> KillSwitch:
    return KillSwitch(LIMITS.violation_ceiling, LIMITS.alpha)


def test_the_switch_is_the_test_that_is_simulated_here() -> None:
    seen = np.random.default_rng(1).random(500) < LIMITS.violation_ceiling
    kept, evidence = switch(), []
    for violated in seen:
        kept.record(bool(violated))
        evidence.append(kept.log_wealth)

    assert evidence == pytest.approx(TEST.log_evidence(seen))


def test_violations_at_four_times_the_ceiling_trip_it_within_its_delay() -> None:
    late = {one.change: one.late for one in delays.delays(TEST, runs=200)}

    assert {k: v for k, v in late.items() if v > LIMITS.max_delay_episodes} == {}


def test_at_the_ceiling_it_trips_no_more_often_than_alpha() -> None:
    assert delays.false_trips(TEST, episodes=1000) <= LIMITS.alpha


def test_once_tripped_it_stays_tripped() -> None:
    kept = switch()
    tripped = [kept.record(violated) for violated in [True] * 20 + [False] * 2000]

    assert tripped[19]
    assert tripped[-1]


def test_no_episode_runs_after_the_switch_tripped() -> None:
    ran: list[int] = []

    def act() -> bool:
        ran.append(len(ran))
        return True

    kept = switch()

    assert canary(act, kept, episodes=50) == len(ran) < 50
    assert canary(act, kept, episodes=50) == 0


def test_a_runbook_without_a_limit_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ops").mkdir()
    block = "<!-- config: rl_rollout -->\n```yaml\nalpha: 0.05\nsteps: []\n```\n"
    (tmp_path / "ops/runbook.md").write_text(block, encoding="utf-8")

    with pytest.raises(KeyError, match="exploration_max"):
        rollout_limits(tmp_path)
