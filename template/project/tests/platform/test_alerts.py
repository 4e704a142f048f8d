"""Every alert of Prometheus is tried on series."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


def read(path: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    return found


def test_every_alert_fires_on_a_series() -> None:
    groups = read("ops/prometheus/rules.yml")["groups"]
    alerts = {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}
    files = ("tests/platform/alerts.yml", "ops/prometheus/tests.yml")
    tests = [test for file in files for test in read(file)["tests"]]
    expected = [case["exp_samples"] for test in tests for case in test["promql_expr_test"]]

    fire = {sample["labels"].split('"')[1] for samples in expected for sample in samples}

    assert fire == alerts
