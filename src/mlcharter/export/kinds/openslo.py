"""SLOs as objects of OpenSLO v1: an SLO each, with an alert policy for each of its burn rates.

OpenSLO has one window a condition, so that the short windows of the rules of Prometheus are lost.
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.charter.config.operations.slos import Slo
from mlcharter.export.alerts.slos import list_burns

PATHS = ("ops/openslo.yml",)
SOURCES = ("slos", "alerts")
_HEADER = "# Written by `mlcharter export openslo` from config blocks; edit those.\n"


def render(charter: Charter) -> dict[str, str]:
    """Return the objects as a stream of YAML documents."""
    import yaml

    objects = list(_list_objects(charter))
    if not objects:
        return {}
    text = yaml.safe_dump_all(objects, sort_keys=False, width=1000, allow_unicode=True)
    return {PATHS[0]: _HEADER + str(text)}


def _list_objects(charter: Charter) -> Iterator[dict[str, Any]]:
    slos = charter.entries("slos")
    for service in dict.fromkeys(slo.value.service for slo in slos):
        yield _wrap("Service", service, {})
    alerts = charter.named("alerts")
    targets: dict[str, str] = {}
    for slo in slos:
        named = [alerts[name] for name in slo.value.alertPolicies if name in alerts]
        targets |= {entry.value.id: entry.value.owner for entry in named[:1]}
        yield _describe(slo.value, named[0].value.id if named else None)
    for name, owner in targets.items():
        yield _wrap("AlertNotificationTarget", name, {"target": owner})


def _describe(slo: Slo, target: str | None) -> dict[str, Any]:
    objective: dict[str, Any] = {"displayName": slo.name, "target": slo.target}
    if slo.budgetingMethod == "Timeslices":
        objective |= {
            "timeSliceTarget": slo.timeSliceTarget,
            "timeSliceWindow": slo.timeSliceWindow,
        }
    ratio = {
        # The queries are rates of counters over a window, which can go up and down.
        "counter": False,
        "good": _query(slo.ratioMetric.good),
        "total": _query(slo.ratioMetric.total),
    }
    spec: dict[str, Any] = {
        "description": slo.description[:1050],
        "service": slo.service,
        "indicator": {"metadata": {"name": slo.name}, "spec": {"ratioMetric": ratio}},
        "timeWindow": [{"duration": slo.timeWindow, "isRolling": True}],
        "budgetingMethod": slo.budgetingMethod,
        "objectives": [objective],
    }
    if target:
        spec["alertPolicies"] = list(_list_policies(slo, target))
    return _wrap("SLO", slo.name, spec)


def _list_policies(slo: Slo, target: str) -> Iterator[dict[str, Any]]:
    for burn in list_burns(slo):
        name = f"{slo.name}-burn-{burn.windows[0]}"
        condition = {
            "kind": "burnrate",
            "threshold": burn.factor,
            "lookbackWindow": burn.windows[0],
            "alertAfter": "2m",
        }
        inner = {"severity": burn.severity, "condition": condition}
        yield {
            "kind": "AlertPolicy",
            "metadata": {"name": name},
            "spec": {
                "alertWhenBreaching": True,
                "alertWhenResolved": False,
                "alertWhenNoData": burn.windows[0] == "1h",
                "conditions": [
                    {"kind": "AlertCondition", "metadata": {"name": name}, "spec": inner}
                ],
                "notificationTargets": [{"targetRef": target}],
            },
        }


def _query(expression: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": expression}}}


def _wrap(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "openslo/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    }
