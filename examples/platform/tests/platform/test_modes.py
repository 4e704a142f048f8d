"""Every degrade mode of the runbook, forced over HTTP: its status, its flag, its answer."""

from pathlib import Path

import pytest

from slip_reader.serving.service import MODES

from evals import _platform_drills as drills
from evals._platform_names import config_entries
from evals._platform_parts import unflagged

RUNBOOK = Path(__file__).resolve().parents[2] / "ops/runbook.md"


@pytest.mark.parametrize("mode", MODES)
def test_a_caller_gets_the_mode_and_is_told(mode: str) -> None:
    assert drills.forced(mode, lambda reply: reply)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_without_its_flag_is_noticed(mode: str) -> None:
    assert not drills.forced(mode, unflagged)


def test_the_runbook_names_these_modes_and_this_test() -> None:
    this = Path(__file__).resolve().relative_to(RUNBOOK.parents[1]).as_posix()
    modes = config_entries(RUNBOOK, "degrade_modes")
    named = [mode["id"] for mode in modes if mode["test"] == this]
    assert named == list(MODES)


def test_every_mode_is_forced_in_some_way() -> None:
    assert list(drills.FORCED) == list(MODES)


def test_the_alert_of_each_mode_exists() -> None:
    alerts = {entry["id"] for entry in config_entries(RUNBOOK, "alerts")}
    wanted = {entry["alert"] for entry in config_entries(RUNBOOK, "degrade_modes") if entry["id"]}
    assert wanted <= alerts
