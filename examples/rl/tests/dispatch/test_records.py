"""What documents and dashboards ask for is exported, and known series give the stated cost."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COSTS = Path(__file__).with_name("costs.yml")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\([^)]*\)")
NAME = re.compile(r"(?<![:\w])([a-z]+(?:[_:][a-z]+)+)(?=[{\[\s)]|$)")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def entries(path: str, kind: str) -> list[dict[str, Any]]:
    """The entries of every config block of a kind in a document."""
    text = (ROOT / path).read_text(encoding="utf-8")
    blocks = re.findall(rf"(?ms)^<!-- config: {kind} -->\n```yaml\n(.*?)^```", text)
    return [entry for block in blocks for entry in yaml.safe_load(block)]


def selected(expression: str) -> set[str]:
    """The names of the series that an expression of PromQL selects."""
    return set(NAME.findall(GROUPING.sub("", re.sub(r'"[^"]*"', "", expression))))


def queries(value: Any) -> list[str]:
    """Every `expr` of a dashboard."""
    if isinstance(value, list):
        return [found for inner in value for found in queries(inner)]
    if isinstance(value, dict):
        own = [value["expr"]] if isinstance(value.get("expr"), str) else []
        return own + [found for inner in value.values() for found in queries(inner)]
    return []


def test_every_name_in_a_rule_a_panel_or_a_cost_is_exported_or_recorded() -> None:
    [scrape] = (ROOT / "evidence").glob("metrics-*.txt")
    exported = set(re.findall(r"(?m)^([a-z_]+)[{ ]", scrape.read_text(encoding="utf-8")))
    groups = read(ROOT / "ops/prometheus/rules.yml")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    recorded = {rule["record"] for rule in rules if "record" in rule}
    asked = [rule["expr"] for rule in rules]
    asked += [metric["expr"] for metric in entries("cost/cost_dashboard_spec.md", "unit_metrics")]
    panels = [
        query
        for path in sorted((ROOT / "ops/grafana").glob("*.json"))
        for query in queries(json.loads(path.read_text(encoding="utf-8")))
    ]
    assert panels

    assert {name for text in asked + panels for name in selected(text)} <= exported | recorded


def test_known_series_try_every_unit_metric() -> None:
    tried = {one["expr"] for case in read(COSTS)["tests"] for one in case["promql_expr_test"]}
    metrics = entries("cost/cost_dashboard_spec.md", "unit_metrics")

    assert {metric["expr"] for metric in metrics} <= tried
