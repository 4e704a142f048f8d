"""Dates are compared in UTC with a tolerance of one day: every time zone has the same result."""

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
@pytest.mark.parametrize(("days_ahead", "is_found"), [(0, False), (1, False), (2, True)])
def test_a_review_date_is_in_the_future_only_if_it_is_in_every_zone(
    zone: None, days_ahead: int, is_found: bool, tmp_path: Path
) -> None:
    date = datetime.datetime.now(datetime.UTC).date() + days_ahead * DAY
    text = f"# Fraud watch: design\n\nOwner: @ada\n\nReviewed: {date} by @ada\n"
    examples.charter(tmp_path, text)
    arguments = ["check", "--level", "complete", "--select", "review-overdue", str(tmp_path)]
    result = CliRunner().invoke(cli, arguments)
    assert ("is in the future" in result.output) == is_found, result.output


@pytest.mark.field(6, "the end of a waiver, in zones from UTC-12 to UTC+14")
@pytest.mark.parametrize(("days_ago", "is_found"), [(0, False), (1, False), (2, True)])
def test_a_waiver_has_expired_only_if_it_has_in_every_zone(
    days_ago: int, is_found: bool, tmp_path: Path
) -> None:
    until = examples.TODAY - days_ago * DAY
    text = f"# D\n\n- [ ] `a-b` Every slice has a gate. Waived until {until} by @lead: late.\n"
    findings = engine.findings(examples.charter(tmp_path, text), engine.load(["waiver-expired"]))
    assert bool(findings) == is_found


CLOCK = """\
# D

<!-- config: incident_clocks -->
```yaml
- id: gdpr-breach
  covers: personal-data
  starts: we become aware of a breach
  deadlines: [{within: 72h, report: to the authority}]
  source: Regulation (EU) 2016/679, Art. 33
  as_of: 2026-11-01
  checked_on: %s
```
"""


def test_a_deadline_that_will_be_checked_in_the_future_is_not_checked_yet(tmp_path: Path) -> None:
    text = CLOCK % (examples.TODAY + 2 * DAY)
    [found] = engine.findings(examples.charter(tmp_path, text), engine.load(["date-in-future"]))
    assert "a `checked_on` in the future" in found.message
