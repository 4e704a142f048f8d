"""Every alert of the runbook becomes a rule, and is tried on series that stand in alerts.yml."""

from pathlib import Path
from typing import Any

import yaml

from tools import alerts

ROOT = Path(__file__).resolve().parents[2]
FOUND = alerts.alerts((ROOT / alerts.RUNBOOK).read_text(encoding="utf-8"))
SERIES: dict[str, Any] = yaml.safe_load((ROOT / alerts.SERIES).read_text(encoding="utf-8"))


def tried(*, fires: bool) -> set[str]:
    """The alerts of which the series expect that they fire, or that they stay silent."""
    cases = [case for test in SERIES["tests"] for case in test["alert_rule_test"]]
    return {case["alertname"] for case in cases if bool(case.get("exp_alerts")) is fires}


def test_every_alert_has_a_series_on_which_it_fires_and_one_on_which_it_is_silent() -> None:
    names = {alert["id"] for alert in FOUND}
    assert tried(fires=True) == tried(fires=False) == names


def test_the_series_are_tried_on_the_rules_that_are_written() -> None:
    [path] = SERIES["rule_files"]
    assert (ROOT / alerts.SERIES).parent.joinpath(path).resolve() == ROOT / alerts.RULES


def test_a_rule_keeps_its_query_and_names_its_playbook() -> None:
    [alert] = [alert for alert in FOUND if alert["id"] == "places-lost"]
    assert alerts.rule(alert) == {
        "alert": "places-lost",
        "expr": 'max by (backend) (admission_places_stuck{role="live"}) > 0',
        "for": "5m",
        "labels": {"severity": "page", "owner": alert["owner"]},
        "annotations": {"runbook": "ops/runbook.md#degrade-modes"},
    }
