"""Recording and alerting rules of Prometheus, and promtool's tests of the derived alerts.

The tests give the recorded series, and what a service exports by convention, to the derived
alerts: above and below each limit, and stale. Alerts of the team's own expressions are copied, and
not tried.
"""

from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.export import alerts
from mlcharter.export.alerts.building import TICK, Case, Group

RULES, TESTS = PATHS = ("ops/prometheus/rules.yml", "ops/prometheus/tests.yml")
SOURCES = alerts.SOURCES
ALWAYS = True  # also where there are documents alone
_HEADER = "# Written by `mlcharter export prometheus` from config blocks; edit those.\n"


def render(charter: Charter) -> dict[str, str]:
    """Return the rules and their tests as YAML; neither if no alert can be derived."""
    groups = alerts.derive(charter)
    files = {}
    if groups:
        rules = [{"name": group.name, "rules": group.rules} for group in groups]
        files[RULES] = _dump({"groups": rules})
    tests = [_test(case, group) for group in groups for case in group.cases]
    if tests:
        head = {"rule_files": ["rules.yml"], "evaluation_interval": f"{TICK}h"}
        files[TESTS] = _dump(head | {"tests": tests})
    return files


def _test(case: Case, group: Group) -> dict[str, Any]:
    names = "|".join(group.alerts)
    expr = f'count by (alertname) (ALERTS{{alertstate="firing",alertname=~"{names}"}})'
    expected = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(case.fires)]
    return {
        "name": case.name,
        "interval": case.step,
        "input_series": [{"series": n, "values": v} for n, v in case.series.items()],
        "promql_expr_test": [
            {"expr": expr, "eval_time": f"{case.ticks * TICK}h", "exp_samples": expected}
        ],
    }


def _dump(content: dict[str, Any]) -> str:
    import yaml

    # None writes the labels and annotations of a rule in one line each.
    text = yaml.safe_dump(
        content, sort_keys=False, width=1000, allow_unicode=True, default_flow_style=None
    )
    return _HEADER + str(text)
