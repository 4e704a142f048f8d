"""Metric names: those that the documents use, and those that the service exports."""

import re
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from slip_reader.serving.app import observe
from slip_reader.serving.canary import Rollout
from slip_reader.serving.service import Service
from slip_reader.serving.signals import Signals

RUNBOOK, SERVICE = Path("ops/runbook.md"), Path("ops/service.md")
COST = Path("cost/cost_dashboard_spec.md")
PARTS = ("_bucket", "_count", "_sum", "_total")
_NOT_A_NAME = r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\b(?:by|without|on|ignoring)\s*\([^)]*\)'
_WORDS = frozenset({"and", "or", "unless", "bool", "offset"})


def config_entries(document: Path, kind: str) -> list[dict[str, Any]]:
    """The entries of every config block of that kind."""
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(rf"^<!-- config: {kind} -->\n```yaml\n(.*?)^```", text, re.M | re.S)
    return [entry for block in blocks for entry in yaml.safe_load(block)]


def queried(expression: str) -> set[str]:
    """The metric names in a PromQL expression."""
    bare = re.sub(_NOT_A_NAME, " ", expression)
    return set(re.findall(r"(?<![\w.])[a-zA-Z_:][\w:]*(?!\w|\s*\()", bare)) - _WORDS


def in_documents(root: Path = Path()) -> set[str]:
    """Every name in a query of the SLOs, the alerts and the unit metrics, by family."""
    queries = [
        query
        for slo in config_entries(root / RUNBOOK, "slos")
        for query in (slo["ratioMetric"] or {}).values()
    ]
    queries += [alert.get("expr") for alert in config_entries(root / RUNBOOK, "alerts")]
    queries += [unit["expr"] for unit in config_entries(root / COST, "unit_metrics")]
    names = {name for query in queries if query for name in queried(str(query))}
    return {family(name) for name in names | listed(root)}


def listed(root: Path = Path()) -> set[str]:
    """The names in the table of what the service exports."""
    text = (root / SERVICE).read_text(encoding="utf-8")
    section = text.partition("<!-- section: exported-metrics -->")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([a-z_]+)` \|", section, re.M))


def exported(signals: Signals) -> set[str]:
    """What a scrape of /metrics holds, by family."""
    observe(Rollout(Service("0" * 64, {})), signals)
    text = generate_latest(signals.registry).decode()
    return {family(found.name) for found in text_string_to_metric_families(text)}


def family(name: str) -> str:
    """A name without the endings that its samples have."""
    for part in PARTS:
        name = name.removesuffix(part)
    return name
