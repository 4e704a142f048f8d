"""The delays of the kill-switch that the runbook states, and what its bound does not cover."""

import numpy as np
import pytest

from mlcharter.evals import delays
from mlcharter.evals.sequential import RateTest

TEST = RateTest(ceiling=0.05, alpha=0.05)


def test_a_change_at_any_time_trips_within_200_episodes_in_95_of_100_runs() -> None:
    found = delays.delays(TEST, runs=300)

    assert [one.change for one in found] == [0, 625, 2025, 5025]
    assert [one.change for one in found if one.late > 200] == []
    assert max(one.false_trips for one in found) <= 0.01


def test_a_rare_violation_trips_after_more_episodes() -> None:
    (rare,) = delays.delays(RateTest(0.01, 0.05), changes=[2000], runs=100)
    (common,) = delays.delays(TEST, changes=[2000], runs=100)

    assert 2 * common.median < rare.median < 1000


def test_false_trips_at_the_ceiling_are_at_most_alpha() -> None:
    assert delays.false_trips(TEST, runs=400) <= 0.05


@pytest.mark.parametrize("name", ["bursty", "correlated"])
def test_the_bound_does_not_cover_violations_that_depend_on_each_other(name: str) -> None:
    assert delays.false_trips(TEST, process=delays.PROCESSES[name], runs=200) > 0.05


@pytest.mark.parametrize("name", delays.PROCESSES)
def test_each_process_has_the_rate_on_average(name: str) -> None:
    seen = delays.PROCESSES[name](np.random.default_rng(3), 0.05, (400, 1000))

    assert seen.mean() == pytest.approx(0.05, abs=0.003)


def test_the_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    delays.main(["--runs", "10"])

    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "delay in episodes after the rate rises from 0.01 to 0.2, 10 runs each",
        "change after  median  95 %  false trips before",
    ]
    assert [line.split()[0] for line in lines[2:6]] == ["0", "625", "2025", "5025"]
    assert [line.split()[0] for line in lines[7:]] == ["independent", "bursty", "correlated"]


def test_a_rate_above_1_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        delays.main(["--factor", "30"])

    assert "factor times ceiling is between 0 and 1, not 1.5" in capsys.readouterr().err
