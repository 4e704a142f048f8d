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


def test_every_part_that_learned_leads_back_to_rows_and_rows_lead_to_releases() -> None:
    registry = {entry["ref"]: entry for entry in entries("versioning/registries.md", "registry")}
    releases = {
        path.stem: json.loads(path.read_bytes())["members"]
        for path in (ROOT / "versioning/releases").glob("release-*[0-9].json")
    }
    [rows] = [ref for ref in registry if ref.startswith("dataset/questions@")]
    learned = {ref for ref, one in registry.items() if one["kind"] in ("model", "reranker")}
    seen = {ref for ref, one in registry.items() if rows in (one["datasets"] or [])}

    assert all(registry[ref]["datasets"] for ref in learned)
    assert all(set(one["datasets"] or []) <= registry.keys() for one in registry.values())
    assert [name for name, members in sorted(releases.items()) if seen & set(members)] == [
        "release-2026-10",
        "release-2026-11",
    ]


def test_the_origin_of_every_output_of_a_day_has_no_empty_field() -> None:
    [export] = (ROOT / "reports/released").glob("*-provenance.jsonl")
    lines = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]

    assert lines
    assert [line for line in lines if not all(str(value) for value in line.values())] == []


def test_the_pod_is_probed_limited_locked_down_and_pinned() -> None:
    pod = read(ROOT / "deploy/harbour-answers.yaml")["spec"]["template"]["spec"]
    [container] = pod["containers"]

    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
    assert {"cpu", "memory"} == container["resources"]["limits"].keys()
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert re.search(r"@sha256:[0-9a-f]{64}$", container["image"])
