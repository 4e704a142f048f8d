"""The eval measures what the document names, twice the same."""

from pathlib import Path
from typing import Any

import pytest
from mlcharter.evals.reports import Report

from evals import _platform_drills as drills
from evals import _platform_load as load
from evals import platform
from evals._platform_names import config_entries
from evals._platform_parts import BROKEN, SOUND, places_shared

PACK = Path("docs/eval_pack.md")
Content = dict[str, Any]


@pytest.fixture(scope="module")
def content() -> Content:
    """The report of the whole evaluation."""
    report = platform.measured(SOUND, *platform.MEASURES)
    return report.content(command="test")


def test_every_metric_and_slice_of_the_report_is_in_the_eval_pack(
    content: Content,
) -> None:
    slices = {entry["id"]: entry for entry in config_entries(PACK, "slices")}
    metrics = {entry["id"] for entry in config_entries(PACK, "metrics")}
    for result in content["results"]:
        assert result["metric"] in metrics
        assert slices[result["slice"]]["dataset"] == result["dataset"]
        assert result["n"] >= slices[result["slice"]]["min_n"]


def test_the_datasets_are_those_of_the_eval_pack(
    content: Content,
) -> None:
    said = {entry["id"]: entry["sha256"] for entry in config_entries(PACK, "datasets")}
    assert all(said[it["id"]] == it["sha256"] for it in content["datasets"])


def test_two_runs_are_the_same(content: Content) -> None:
    again: Report = platform.measured(SOUND, platform.under_load, platform.in_outages)
    results = again.content(command="test")["results"]
    assert all(result in content["results"] for result in results)


def test_every_broken_service_belongs_to_a_gate_of_the_eval_pack() -> None:
    gates = {entry["id"] for entry in config_entries(PACK, "gates")}
    assert set(BROKEN) == set(platform.DEFECTS) <= gates


def test_a_slow_backend_is_seen_in_the_outage() -> None:
    watched = drills.outage(load.traces(platform.SEED)[0], hangs=True)
    assert watched.helped > 0.9 * watched.asked
    assert watched.reached < 10


def test_a_backend_that_hangs_starves_another_where_they_share_places() -> None:
    [first, *_] = load.traces(platform.SEED)
    assert drills.beside(first) > 0.99
    assert drills.beside(first, places_shared) < 0.1
