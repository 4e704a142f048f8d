"""Dashboards of Grafana as JSON: SLOs, cost, evals and policy.

Each is written if its config blocks are filled in. The data source is a variable of the dashboard.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

from mlcharter.charter import alert_sources, promql_entries
from mlcharter.charter.charter import Charter
from mlcharter.export.alerts.budgets import DAY, SPENT
from mlcharter.export.alerts.signals import PSI
from mlcharter.export.alerts.slos import BURN, list_burns

PATHS = tuple(f"ops/grafana/{name}.json" for name in ("slos", "cost", "evals", "policy"))
SOURCES = ("slos", "budgets", "unit_metrics", "slices", "gates", "rl_rollout")
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_VARIABLE = {"name": "datasource", "label": "Data source", "type": "datasource"}

Panel = dict[str, Any]


def render(charter: Charter) -> dict[str, str]:
    """Return each dashboard that has a panel."""
    boards = [
        ("SLOs and burn rates", _list_slos(charter)),
        ("Cost and budgets", _list_costs(charter)),
        ("Slices and evals", _list_evals(charter)),
        ("Policy: return and violations", _list_policy(charter)),
    ]
    panels = {
        path: (title, list(found)) for path, (title, found) in zip(PATHS, boards, strict=True)
    }
    return {path: _dump(title, found) for path, (title, found) in panels.items() if found}


def _list_slos(charter: Charter) -> Iterator[Panel]:
    for slo in charter.entries("slos"):
        value = slo.value
        burns = list_burns(value)
        windows = "|".join(window for burn in burns for window in burn.windows[:1])
        expr = f'{BURN}{{slo="{value.name}",window=~"{windows}"}}'
        limits = [burn.factor for burn in burns]
        yield _plot(f"{value.name}: burn rate", [(expr, "{{window}}")], "none", limits)
        hour = f'{BURN}{{slo="{value.name}",window="1h"}}'
        left = f"1 - avg_over_time({hour}[{value.timeWindow}])"
        title = f"{value.name}: error budget left, each hour weighing the same"
        yield _plot(title, [(left, "left")], "percentunit", [0.0])


def _list_costs(charter: Charter) -> Iterator[Panel]:
    for budget in charter.entries("budgets"):
        value = budget.value
        limits = [share * value.amount for share in value.warn_at]
        unit = f"currency{value.currency}"
        spent = f'{SPENT}{{budget="{value.id}"}}'
        yield _plot(f"{value.id}: spent in a {value.period}", [(spent, "spent")], unit, limits)
        day = f'{DAY}{{budget="{value.id}"}}'
        yield _plot(f"{value.id}: spent in the last 24 hours", [(day, "day")], unit, [])
    for metric in charter.entries("unit_metrics"):
        title = f"{metric.value.id}, {metric.value.unit}"
        yield _plot(title, [(metric.value.expr, metric.value.id)], "none", [])


def _list_evals(charter: Charter) -> Iterator[Panel]:
    """Yield what the alerts of slices and drift read: what is evaluated on live traffic."""
    subjects = [alert.value.subject for alert in charter.entries("alerts")]
    for part in charter.entries("slices"):
        if f"slice/{part.value.id}" in subjects:
            for gate in alert_sources.find_gates(charter, part.value.id):
                value = gate.value
                expr = f'eval_metric{{metric="{value.metric}",slice="{part.value.id}"}}'
                title = f"{part.value.id}: {value.metric} {value.op} {value.threshold:g}"
                yield _plot(title, [(expr, "{{bound}}")], "none", [value.threshold])
    if "input_psi" in (promql_entries.read_exported(charter) or ()):
        expr = "max by (column) (input_psi)"
        yield _plot("Drift: PSI", [(expr, "{{column}}")], "none", [PSI])


def _list_policy(charter: Charter) -> Iterator[Panel]:
    rollout = charter.entry("rl_rollout")
    if rollout is None:
        return
    exported = promql_entries.read_exported(charter) or set()
    wealth = math.log(1 / rollout.value.alpha)
    for name, title, limits in (
        ("policy_return", "Return", []),
        ("policy_regret", "Regret", []),
        ("policy_violation_log_wealth", "Evidence of too many violations, log-wealth", [wealth]),
        ("policy_switch_tripped", "Kill-switch has tripped", [1.0]),
        ("policy_exploration_ratio", "Exploration", [rollout.value.exploration_max]),
        ("policy_entropy", "Entropy", []),
    ):
        if name in exported:
            yield _plot(title, [(name, "{{release}}")], "none", limits)


def _plot(title: str, queries: list[tuple[str, str]], unit: str, limits: list[float]) -> Panel:
    """Return a panel: time series, with a line at each limit."""
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    steps += [{"color": "red", "value": float(f"{limit:.6g}")} for limit in sorted(limits)]
    return {
        "type": "timeseries",
        "title": title,
        "datasource": _SOURCE,
        "targets": [
            {
                "refId": chr(ord("A") + n),
                "datasource": _SOURCE,
                "expr": expr,
                "legendFormat": legend,
            }
            for n, (expr, legend) in enumerate(queries)
        ],
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "custom": {"thresholdsStyle": {"mode": "line" if limits else "off"}},
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
    }


def _dump(title: str, panels: list[Panel]) -> str:
    """Return a dashboard as JSON with a line a panel, two of them side by side."""
    for n, panel in enumerate(panels):
        panel["id"] = n + 1
        panel["gridPos"] = {"x": 12 * (n % 2), "y": 8 * (n // 2), "w": 12, "h": 8}
    fields = {
        "title": title,
        "description": "Written by `mlcharter export grafana` from config blocks; edit those.",
        "tags": ["mlcharter"],
        "schemaVersion": 39,
        "editable": False,
        "time": {"from": "now-7d", "to": "now"},
        "refresh": "1m",
        "templating": {"list": [{**_VARIABLE, "query": "prometheus"}]},
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in fields.items()]
    rows = ",\n".join(f"    {json.dumps(panel, ensure_ascii=False)}" for panel in panels)
    return "{\n" + ",\n".join([*lines, f'  "panels": [\n{rows}\n  ]']) + "\n}\n"
