"""Recording and alerting rules of Prometheus, from SLOs, budgets and alerts.

Each SLO gets four burn-rate alerts and one for missing data; each share of a budget gets an alert.
Their owner and playbook are those of an entry of `alerts` about that SLO or budget, whose id is
their label `alert_policy`. Entries with an expression of their own are copied.
"""

import re
from collections.abc import Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.charter.config.operations.alerts import DERIVED
from mlcharter.charter.config_entries import Entry
from mlcharter.formats import promql
from mlcharter.support.errors import UserError

PATH = "ops/prometheus/rules.yml"
SOURCES = ("slos", "budgets", "alerts")
_HEADER = "# Written by `mlcharter export prometheus` from config blocks; edit those.\n"
_RATIO = "slo:error_ratio"
# Severity, share of the error budget, long window, short window.
_BURNS = (
    ("page", 0.02, "1h", "5m"),
    ("page", 0.05, "6h", "30m"),
    ("ticket", 0.10, "1d", "2h"),
    ("ticket", 0.10, "3d", "6h"),
)
# A string, a comment, or a range; a range with a colon is that of a subquery.
_TOKEN = re.compile(
    r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|(?P<note>#[^\n]*)|\[(?P<range>[^\]]*)\]""",
    re.DOTALL,
)

Rule = dict[str, Any]


def render(charter: Charter) -> str | None:
    """Return the rules as YAML, or None if no alert can be derived."""
    import yaml

    alerts = charter.named("alerts")
    groups = [_slo_group(slo, alerts) for slo in charter.entries("slos")]
    budgets = [rule for budget in charter.entries("budgets") for rule in _budget(budget, charter)]
    copied = [_copy(entry) for entry in alerts.values() if not _has_only_playbook(entry)]
    groups += [
        {"name": name, "rules": rules}
        for name, rules in (("budgets", budgets), ("runbook", copied))
        if rules
    ]
    if not groups:
        return None
    _refuse_duplicates(groups)
    # None writes the labels and annotations of a rule in one line each.
    text = yaml.safe_dump(
        {"groups": groups},
        sort_keys=False,
        width=1000,
        allow_unicode=True,
        default_flow_style=None,
    )
    return _HEADER + text


def _has_only_playbook(alert: Entry) -> bool:
    return alert.value.expr is None and alert.value.subject.startswith(DERIVED)


def _slo_group(slo: Entry, alerts: Any) -> Rule:
    value = slo.value
    rules: list[Rule] = []
    for window in dict.fromkeys(window for _, _, *both in _BURNS for window in both):
        good = _over(slo, value.ratioMetric.good, window)
        total = _over(slo, value.ratioMetric.total, window)
        rules.append(
            {
                "record": _RATIO,
                # Without a good event ever, `good` has no series: that is an outage, not silence.
                "expr": f"1 - ({good} or 0 * {total}) / {total}",
                "labels": {"slo": value.name, "window": window},
            }
        )
    named = [alerts[name] for name in value.alertPolicies if name in alerts]
    if not named:
        raise UserError(
            f"{slo.subject} names no alert that `alerts` has",
            hint="add one of its `alertPolicies` to ops/runbook.md; it says who is alerted",
        )
    rules += _burns(slo, named[0])
    total = _over(slo, value.ratioMetric.total, "5m")
    rules.append(
        _alert(f"{value.name}-absent", f"absent({total})", "2m", "page", named[0], slo, "no data")
    )
    return {"name": f"slo-{value.name}", "rules": rules}


def _burns(slo: Entry, source: Entry) -> Iterator[Rule]:
    """Yield the burn-rate alerts of an SLO; of a low target, those that can fire."""
    name, target = slo.value.name, slo.value.target
    window = promql.to_seconds(slo.value.timeWindow)
    for severity, share, long, short in _BURNS:
        factor = float(f"{share * window / promql.to_seconds(long):.4g}")
        if factor * (1 - target) >= 1 or promql.to_seconds(long) >= window:
            continue  # no ratio of errors is above 1
        expr = " and ignoring (window) ".join(
            f'{_RATIO}{{slo="{name}",window="{over}"}} > {factor!r} * (1 - {target!r})'
            for over in (long, short)
        )
        summary = f"{share:.0%} of the error budget in {long}"
        yield _alert(f"{name}-burn-{long}", expr, "2m", severity, source, slo, summary)


def _budget(budget: Entry, charter: Charter) -> Iterator[Rule]:
    """Yield one alert for each share of a budget; a hard limit pages when it is reached."""
    value = budget.value
    metric = charter.named("unit_metrics").get(value.metric)
    source = charter.named("alerts").get(value.alert)
    if metric is None or source is None:
        missing = f"metric `{value.metric}`" if metric is None else f"alert `{value.alert}`"
        raise UserError(
            f"{budget.subject} names the {missing}, which is not defined",
            hint="define it or correct the id",
        )
    for share in value.warn_at:
        severity = "page" if share >= 1 and value.hard else "ticket"
        expr = f"{_wrap(metric, metric.value.expr)} > {share!r} * {value.amount!r}"
        name = f"{value.id}-spent-{share * 100:g}".replace(".", "-")
        summary = f"{share:.4g} of {value.amount:g} {value.currency} a {value.period}"
        yield _alert(name, expr, "5m", severity, source, budget, summary)


def _copy(entry: Entry) -> Rule:
    value = entry.value
    missing = [key for key in ("expr", "wait", "severity") if getattr(value, key) is None]
    if missing:
        raise UserError(
            f"{entry.subject} has no `{missing[0]}`",
            hint="add it; only the alerts of SLOs and budgets are derived",
        )
    expr = _wrap(entry, value.expr)[1:-1]
    return _alert(value.id, expr, value.wait, value.severity, entry, entry, value.subject)


def _alert(
    name: str, expr: str, wait: str, severity: str, source: Entry, about: Entry, summary: str
) -> Rule:
    """Return an alert with the owner and the playbook of `source`, an entry of `alerts`."""
    problem = promql.read(expr).problem
    if problem:
        raise UserError(f"the alert of {about.subject} {problem}", hint="correct its expression")
    return {
        "alert": name,
        "expr": expr,
        "for": wait,
        "labels": {
            "severity": severity,
            "owner": _no_template(source.value.owner),
            "alert_policy": source.value.id,
        },
        "annotations": {
            "summary": _no_template(summary),
            "runbook": f"{source.document.path}{source.value.runbook}",
        },
    }


def _no_template(text: str) -> str:
    """Return text that Prometheus, which expands `{{ }}` in labels, shows as it is."""
    return text.replace("{{", '{{"{{"}}')


def _over(slo: Entry, expression: str, window: str) -> str:
    """Return an expression of an SLO over another window, in parentheses."""
    ranges = {token["range"] for token in _TOKEN.finditer(expression)} - {None}
    if len(ranges) != 1 or any(":" in found for found in ranges):
        raise UserError(
            f"{slo.subject} needs one window in `good` and in `total`",
            hint="write for example `sum(rate(requests_total[5m]))`",
        )
    return _wrap(slo, expression, window)


def _wrap(entry: Entry, expression: str, window: str | None = None) -> str:
    """Return a valid expression in parentheses, without comments, with another window if given."""
    problem = promql.read(expression).problem
    if problem:
        raise UserError(f"an expression of {entry.subject} {problem}", hint="correct it")

    def replaced(token: re.Match[str]) -> str:
        if token["note"] is not None:
            return ""
        return f"[{window}]" if window and token["range"] is not None else token[0]

    return f"({_TOKEN.sub(replaced, expression).strip()})"


def _refuse_duplicates(groups: list[Rule]) -> None:
    """Raise an error if a derived alert has the name of another."""
    seen: set[str] = set()
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        if rule["alert"] in seen:
            raise UserError(f"two alerts are named `{rule['alert']}`", hint="rename one")
        seen.add(rule["alert"])
