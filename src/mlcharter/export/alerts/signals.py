"""Alerts about what a service exports by the conventions of the docs: one function per subject.

Each takes an entry of `alerts` without an expression, and returns its rules.
"""

import math
from collections.abc import Callable

from mlcharter.charter import alert_sources
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.export.alerts.building import Case, Group, end, hold, make_alert
from mlcharter.support.errors import UserError

PSI = 0.2  # population stability index from which a distribution counts as moved
QUOTA = 0.8  # share of a quota
_OPPOSITE = {">=": "<", ">": "<=", "<=": ">", "<": ">="}
# The metrics of OpenTelemetry's conventions for generative AI, as Prometheus names them.
_USAGE = {
    "requests_per_minute": "gen_ai_client_operation_duration_seconds_count",
    "tokens_per_minute": "gen_ai_client_token_usage_sum",
}


def derive_probe(entry: Entry, charter: Charter) -> Group:
    """Return an alert on the outage of a service, seen from outside, and one on a missing probe."""
    name = _name(entry)
    series = f'probe_success{{service="{name}"}}'
    down, blind = f"{name}-unreachable", f"{name}-unprobed"
    rules = [
        make_alert(down, f"max({series}) < 1", "2m", "page", entry, "no probe gets an answer"),
        make_alert(blind, f"absent({series})", "10m", "ticket", entry, "nobody probes"),
    ]
    one, two = (f'probe_success{{service="{name}",zone="{zone}"}}' for zone in "ab")
    cases = [
        Case(f"{name}: one of two probes fails", {one: hold(1.0), two: hold(0.0)}),
        Case(f"{down}: both fail", {one: hold(0.0), two: hold(0.0)}, (down,)),
        Case(f"{name}: the probe is stale", {one: end(1.0)}, (blind,)),
    ]
    return Group(f"probe-{name}", rules, cases)


def derive_slice(entry: Entry, charter: Charter) -> Group:
    """Return the alerts of a slice: the thresholds of its gates, on live traffic."""
    name = _name(entry)
    gates = alert_sources.find_gates(charter, name)
    _require(entry, charter)
    rules, cases = [], []
    series = {}
    for gate in gates:
        value = gate.value
        alert = entry.value.id if len(gates) == 1 else f"{entry.value.id}-{value.id}"
        metric = f'eval_metric{{metric="{value.metric}",slice="{name}",bound="{value.bound}"}}'
        expr = f"{metric} {_OPPOSITE[value.op]} {value.threshold!r}"
        summary = f"{value.metric} of {name} is not {value.op} {value.threshold:g}"
        rules.append(make_alert(alert, expr, "1h", "ticket", entry, summary))
        good, bad = (value.threshold + by * _sign(value.op) for by in (1e-3, -1e-3))
        cases.append(Case(f"{alert}: misses", {metric: hold(_round(bad))}, (alert,)))
        cases.append(Case(f"{alert}: meets", {metric: hold(_round(good))}))
        series[metric] = end(_round(good), 8)
    absent = f'absent_over_time(eval_metric{{slice="{name}"}}[1d])'
    blind = f"{entry.value.id}-absent"
    rules.append(make_alert(blind, absent, "1h", "ticket", entry, "not evaluated for a day"))
    cases.append(Case(f"{name}: not evaluated for a day", series, (blind,), 8))
    return Group(f"slice-{name}", rules, cases)


def derive_drift(entry: Entry, charter: Charter) -> Group:
    """Return the alert of a column whose distribution moved, by the usual limit."""
    name, alert = _name(entry), entry.value.id
    series, blind = f'input_psi{{column="{name}"}}', f"{alert}-absent"
    rules = [
        make_alert(alert, f"{series} > {PSI}", "1h", "ticket", entry, f"{name} moved"),
        make_alert(
            blind,
            f"absent_over_time({series}[1d])",
            "1h",
            "ticket",
            entry,
            "not compared for a day",
        ),
    ]
    cases = [
        Case(f"{alert}: moved", {series: hold(0.21)}, (alert,)),
        Case(f"{alert}: did not move", {series: hold(0.19)}),
        Case(f"{alert}: stale for a day", {series: end(0.1, 8)}, (blind,), 8),
    ]
    return Group(f"drift-{name}", rules, cases)


def derive_vendor(entry: Entry, charter: Charter) -> Group:
    """Return the alerts of a vendor whose quota is nearly used."""
    name, alert = _name(entry), entry.value.id
    _require(entry, charter)
    quotas = alert_sources.find_quotas(charter.named("vendors")[name])
    rules, cases = [], []
    for key, quota in quotas.items():
        what = key.partition("_")[0]
        series = f'{_USAGE[key]}{{gen_ai_provider_name="{name}"}}'
        expr = f"60 * sum(rate({series}[5m])) > {QUOTA} * {float(quota)!r}"
        named = f"{alert}-{what}"
        summary = f"{QUOTA:.0%} of {quota:g} {what} a minute"
        rules.append(make_alert(named, expr, "5m", "ticket", entry, summary))
        for case, by, fires in (("near", 0.81, (named,)), ("far from", 0.79, ())):
            grows = {series: f"0+{_round(quota * by):f}x1080"}
            cases.append(Case(f"{named}: {case} the quota", grows, fires, 3, "1m"))
    usage = f'{_USAGE["requests_per_minute"]}{{gen_ai_provider_name="{name}"}}'
    stale = {usage: "0+1000000x700 stale _x379"}
    cases.append(Case(f"{alert}: stale", stale, (), 3, "1m"))
    return Group(f"vendor-{name}", rules, cases)


def derive_policy(entry: Entry, charter: Charter) -> Group:
    """Return the alert of a policy that breaks its limits, as `rl_rollout` sets them."""
    _require(entry, charter)
    rollout = charter.entry("rl_rollout")
    assert rollout is not None
    alert, blind = entry.value.id, f"{entry.value.id}-absent"
    if _name(entry) == "exploration":
        series, limit = "policy_exploration_ratio", rollout.value.exploration_max
        expr, summary = f"max by (release) ({series}) > {limit!r}", f"exploration above {limit:g}"
    else:
        series, limit = "policy_violation_log_wealth", _round(math.log(1 / rollout.value.alpha))
        expr = f"max by (release) ({series}) >= {limit!r} or max(policy_switch_tripped) > 0"
        summary = f"violations above {rollout.value.violation_ceiling:g} of episodes"
    rules = [
        make_alert(alert, expr, "1s", "page", entry, summary),
        make_alert(blind, f"absent({series})", "2m", "page", entry, "no data"),
    ]
    live = f'{series}{{release="live"}}'
    cases = [
        Case(f"{alert}: above", {live: hold(_round(limit * 1.01))}, (alert,)),
        Case(f"{alert}: below", {live: hold(_round(limit * 0.99))}),
        Case(f"{alert}: stale", {live: end(0.0)}, (blind,)),
    ]
    if _name(entry) != "exploration":
        tripped = {live: hold(0.0), 'policy_switch_tripped{release="live"}': hold(1.0)}
        cases.append(Case(f"{alert}: the kill-switch has tripped", tripped, (alert,)))
    return Group(f"policy-{_name(entry)}", rules, cases)


def _name(entry: Entry) -> str:
    return str(entry.value.subject.partition("/")[2])


def _sign(op: str) -> int:
    return 1 if op in (">", ">=") else -1


def _round(value: float) -> float:
    return float(f"{value:.6g}")


def _require(entry: Entry, charter: Charter) -> None:
    missing = alert_sources.find_missing_source(charter, entry)
    if missing:
        hint = "give it an `expr`, `wait` and `severity`, or fill in what is missing"
        raise UserError(f"{entry.subject} cannot be derived; {missing}", hint=hint)


KINDS: dict[str, Callable[[Entry, Charter], Group]] = {
    "probe": derive_probe,
    "slice": derive_slice,
    "drift": derive_drift,
    "vendor": derive_vendor,
    "policy": derive_policy,
}
