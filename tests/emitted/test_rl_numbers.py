"""What the documents of the track `rl` tell as measured is what a simulation measures."""

import re

import numpy as np

from conftest import ROOT

RUNBOOK = ROOT / "template/tracks/rl/runbook/sections.md"


def test_the_share_of_false_trips_in_the_runbook_is_the_simulated_one() -> None:
    """The naive rule on streams of 1,000 episodes with violations at the ceiling of 5 %."""
    seen = np.random.default_rng(7).random((20_000, 1000)) < 0.05
    rates = seen.cumsum(axis=1)[:, 29:] / np.arange(30, 1001)

    [told] = re.findall(r"trips (\d+) % of the time at the ceiling", RUNBOOK.read_text("utf-8"))

    assert f"0.{told}" == f"{(rates > 0.05).any(axis=1).mean():.2f}"
