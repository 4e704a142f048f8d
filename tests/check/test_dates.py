"""Dates are compared in UTC with a tolerance of a day, so that every time zone gives one result."""

import datetime
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import examples
from mlcharter.check import engine
from mlcharter.cli import cli

ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Auckland", "Pacific/Honolulu", "Etc/GMT+12")
DAY = datetime.timedelta(days=1)


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.field(6, "a review date, in zones from UTC-12 to UTC+14")
@pytest.mark.parametrize(("ahead", "refused"), [(0, False), (1, False), (2, True)])
def test_a_review_is_in_the_future_only_if_it_is_in_every_time_zone(
    zone: None, ahead: int, refused: bool, tmp_path: Path
) -> None:
    day = datetime.datetime.now(datetime.UTC).date() + ahead * DAY
    text = f"# Fraud watch: design\n\nOwner: @ada\n\nReviewed: {day} by @ada\n"
    examples.charter(tmp_path, text)
    words = ["check", "--level", "complete", "--select", "review-overdue", str(tmp_path)]
    done = CliRunner().invoke(cli, words)
    assert ("lies in the future" in done.output) == refused, done.output


@pytest.mark.field(6, "the end of a waiver, in zones from UTC-12 to UTC+14")
@pytest.mark.parametrize(("behind", "refused"), [(0, False), (1, False), (2, True)])
def test_a_waiver_has_ended_only_if_it_has_in_every_time_zone(
    behind: int, refused: bool, tmp_path: Path
) -> None:
    until = examples.TODAY - behind * DAY
    text = f"# D\n\n- [ ] `a-b` Every slice has a gate. Waived until {until} by @lead: late.\n"
    found = engine.findings(examples.charter(tmp_path, text), engine.load(["waiver-expired"]))
    assert bool(found) == refused
