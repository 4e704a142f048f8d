"""Dashboards, judged by Grafana's own types; no Grafana runs here."""

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from test_derived_alerts import DERIVED, EVALS, ROLLOUT
from test_prometheus import ALERTS, METRIC, files, open_charter, rules

from conftest import EXAMPLES, ROOT
from mlcharter.charter import promql_entries
from mlcharter.check import engine
from mlcharter.export.kinds import grafana, prometheus
from mlcharter.formats import promql
from mlcharter.support.files import Folder

plugins.register_default_plugins()


def find_lost(given: Any, kept: Any, path: str = "") -> list[str]:
    """Return the paths of what Grafana's types do not know, or know as something else."""
    if isinstance(given, dict):
        return [
            lost
            for key, value in given.items()
            for lost in (
                find_lost(value, kept[key], f"{path}/{key}") if key in kept else [f"{path}/{key}"]
            )
        ]
    if isinstance(given, list):
        pairs = zip(given, kept, strict=True)
        return [lost for n, (a, b) in enumerate(pairs) for lost in find_lost(a, b, f"{path}/{n}")]
    return [] if given == kept else [path]


def read(text: str) -> Any:
    return json.loads(JSONEncoder().encode(Dashboard.from_json(json.loads(text))))


def list_queries(text: str) -> list[str]:
    return [target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"]]


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Any:
    root = Folder(ROOT / "examples" / request.param)
    charter = engine.open_charter(root, datetime.date(2026, 12, 1))
    yield charter
    charter.close()


def test_grafana_knows_all_that_a_dashboard_says(example: Any) -> None:
    boards = grafana.render(example)

    assert len(boards) >= 2
    for text in boards.values():
        assert find_lost(json.loads(text), read(text)) == []


def test_what_grafana_does_not_know_is_seen() -> None:
    board = {"title": "Cost", "panels": [{"type": "timeseries", "titel": "spent"}]}

    assert find_lost(board, read(json.dumps(board))) == ["/panels/0/titel"]


def test_each_panel_is_valid_promql_over_recorded_or_exported_metrics(example: Any) -> None:
    rendered = prometheus.render(example)[prometheus.RULES]
    recorded = {str(rule["record"]) for rule in rules(rendered) if "record" in rule}
    exported = promql_entries.read_exported(example)
    assert exported is not None
    for text in grafana.render(example).values():
        for expr in list_queries(text):
            query = promql.read(expr)
            names = {name for name in query.metrics if name not in recorded}
            assert query.problem is None
            families = {re.sub("_(bucket|count|sum)$", "", name) for name in names - exported}
            assert families <= exported, expr


def test_dashboards_have_the_limits_of_the_config_blocks(tmp_path: Path) -> None:
    exported = """\
## Observability
<!-- section: observability -->

| Prometheus | Answers |
|---|---|
| `policy_violation_log_wealth`, `policy_exploration_ratio` | limits |
"""
    texts = files(alerts=ALERTS + DERIVED, more=EVALS + ROLLOUT)
    texts["ops/runbook.md"] += exported
    with open_charter(tmp_path, texts) as charter:
        boards = grafana.render(charter)

    limits = {
        panel["title"]: [
            step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]
        ]
        for text in boards.values()
        for panel in json.loads(text)["panels"]
    }
    assert limits == {
        "ready: burn rate": [0.9333, 2.8, 5.6, 13.44],
        "ready: error budget left, each hour weighing the same": [0.0],
        "day: spent in a day": [500.0, 800.0, 1000.0],
        "day: spent in the last 24 hours": [],
        "spend, EUR": [],
        "night: recall >= 0.9": [0.9],
        "night: brier <= 0.12": [0.12],
        "Evidence of too many violations, log-wealth": [2.99573],
        "Exploration": [0.3],
    }


def test_hostile_text_stays_in_its_panel(tmp_path: Path) -> None:
    evil = METRIC.replace("unit: EUR", """unit: '"}],"panels":[] ${datasource} {{x}}'""")

    with open_charter(tmp_path, files(metrics=evil)) as charter:
        [text] = [t for p, t in grafana.render(charter).items() if p.endswith("cost.json")]

    assert [p["title"] for p in json.loads(text)["panels"]][-1] == (
        'spend, "}],"panels":[] ${datasource} {{x}}'
    )


def test_a_charter_without_config_blocks_has_no_dashboards(tmp_path: Path) -> None:
    texts = {".copier-answers.yml": files()[".copier-answers.yml"], "ops/runbook.md": "# Watch\n"}

    with open_charter(tmp_path, texts) as charter:
        assert grafana.render(charter) == {}
