"""A constraint does not match the SLO or budget that it mirrors.

If the design promises 300 ms and the SLO measures 500 ms, the SLO can be met although the promise
is broken. A latency limit is compared with the bucket `le="…"` of its SLO, in seconds; a cost
limit, with the amount of its budget.

Flagged:

    <!-- config: constraints -->
    ```yaml
    - {id: in-time, kind: latency, value: 300, unit: ms, mirrors: fast}
    ```

    <!-- config: slos -->
    ```yaml
    - {name: fast, service: watch, description: it answers soon, ratioMetric: {good:
        'rate(seconds_bucket{le="0.5"}[5m])', total: 'rate(seconds_count[5m])'}, timeWindow: 28d,
        budgetingMethod: Occurrences, target: 0.99, alertPolicies: [burn]}
    ```

Flagged:

    <!-- config: constraints -->
    ```yaml
    - {id: cheap, kind: cost, value: 1400, unit: EUR, mirrors: null}
    ```

Fine:

    <!-- config: constraints -->
    ```yaml
    - {id: in-time, kind: latency, value: 300, unit: ms, mirrors: fast}
    - {id: cheap, kind: cost, value: 1400, unit: EUR, mirrors: serving}
    ```

    <!-- config: slos -->
    ```yaml
    - {name: fast, service: watch, description: it answers soon, ratioMetric: {good:
        'rate(seconds_bucket{le="0.3"}[5m])', total: 'rate(seconds_count[5m])'}, timeWindow: 28d,
        budgetingMethod: Occurrences, target: 0.99, alertPolicies: [burn]}
    ```

    <!-- config: budgets -->
    ```yaml
    - {id: serving, metric: spend, amount: 1400, currency: EUR, period: month,
        owner: "@acme/ops", alert: spend, warn_at: [0.5, 1.0], hard: false}
    ```
"""

import re
from collections.abc import Iterator
from math import isclose

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"
_SECONDS = {"ms": 0.001, "s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400}
_LE = re.compile(r"""le=~?["']([0-9.]+)["']""")


def check(charter: Charter) -> Iterator[Finding]:
    slos, budgets = charter.named("slos"), charter.named("budgets")
    for entry in charter.entries("constraints"):
        limit = entry.value
        name = entry.subject
        if isinstance(limit.value, str) != (limit.unit is None):
            message = f"{name} has the value `{limit.value}` and the unit `{limit.unit or 'null'}`"
            yield entry.finding(f"{message}; a number needs a unit, and text has none", "unit")
        elif limit.kind in ("latency", "cost") and limit.mirrors is None:
            what = "SLO" if limit.kind == "latency" else "budget"
            message = f"{name} mirrors no {what}; name one in `mirrors`"
            yield entry.finding(message, "mirrors")
        elif limit.kind == "latency" and limit.mirrors in budgets:
            message = f"{name} is a latency, but `{limit.mirrors}` is a budget; name an SLO"
            yield entry.finding(message, "mirrors")
        elif limit.kind == "cost" and limit.mirrors in slos:
            message = f"{name} is a cost, but `{limit.mirrors}` is an SLO; name a budget"
            yield entry.finding(message, "mirrors")
        elif limit.mirrors in budgets:
            yield from _check_cost(entry, budgets[limit.mirrors])
        elif limit.mirrors in slos:
            yield from _check_latency(entry, slos[limit.mirrors])


def _check_cost(entry: Entry, budget: Entry) -> Iterator[Finding]:
    limit, amount = entry.value, budget.value.amount
    if limit.value != amount:
        value = limit.value if isinstance(limit.value, str) else f"{limit.value:g}"
        message = f"{entry.subject} is {value}, but the amount of {budget.subject} is {amount:g}"
        yield entry.finding(f"{message}; make them match", "value")
    if limit.unit != budget.value.currency:
        message = f"{entry.subject} is in {limit.unit}, but {budget.subject} is in"
        yield entry.finding(f"{message} {budget.value.currency}; make them match", "unit")


def _check_latency(entry: Entry, slo: Entry) -> Iterator[Finding]:
    limit = entry.value
    buckets = [float(le) for le in _LE.findall(slo.value.ratioMetric.good)]
    is_duration = limit.unit in _SECONDS or limit.kind == "latency"
    if not is_duration or not (buckets or limit.kind == "latency"):
        return  # such as the limit of a ratio
    if limit.unit not in _SECONDS:
        message = f"{entry.subject} is not a duration; give a number in ms, s, min, h or d"
        yield entry.finding(message, "unit")
    elif not any(isclose(limit.value * _SECONDS[limit.unit], bucket) for bucket in buckets):
        bounds = f"`le` {', '.join(f'{le:g}' for le in buckets)}" if buckets else "no bucket `le`"
        message = f"{entry.subject} is {limit.value:g} {limit.unit}, but {slo.subject} has"
        yield entry.finding(f"{message} {bounds} (in seconds); make them match", "value")
