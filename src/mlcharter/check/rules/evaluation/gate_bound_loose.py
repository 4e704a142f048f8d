"""A gate uses the loose bound of an interval, or passes when its metric gets worse.

With few rows, the point estimate and the loose bound may pass by chance. Use `lower95` where larger
is better, and `upper95` where smaller is better. Use `point` only for what is counted exactly, and
in gates that only warn.

Flagged:

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
      dataset: cards
      slice: all
      op: ">="
      threshold: 0.95
      bound: upper95
      min_n: 200
      on_fail: block
      decided_on: 2026-11-09
      rationale: below this the review queue doubles
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row, produced_by: e.py}
    ```

Flagged:

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
      dataset: cards
      slice: all
      op: "<="
      threshold: 0.95
      bound: upper95
      min_n: 200
      on_fail: block
      decided_on: 2026-11-09
      rationale: below this the review queue doubles
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row, produced_by: e.py}
    ```

Fine:

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
      dataset: cards
      slice: all
      op: ">="
      threshold: 0.95
      bound: lower95
      min_n: 200
      on_fail: block
      decided_on: 2026-11-09
      rationale: below this the review queue doubles
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row, produced_by: e.py}
    ```
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"
_RISING = (">=", ">")


def check(charter: Charter) -> Iterator[Finding]:
    metrics = {**charter.named("kpis"), **charter.named("metrics")}
    for entry, place, limit in _list_limits(charter):
        metric = metrics.get(limit.metric)
        if metric is None:
            continue
        name = entry.subject
        if (limit.op in _RISING) != (metric.value.direction == "up"):
            message = f"{name} requires `{limit.metric}` {limit.op} {limit.threshold:g}, but its"
            remedy = "correct one of them"
            direction = f"`direction` is {metric.value.direction}"
            yield entry.finding(f"{message} {direction}; {remedy}", *place, "op")
        exact = getattr(metric.value, "method", None) == "exact"
        strict = "lower95" if limit.op in _RISING else "upper95"
        if exact and limit.bound != "point":
            message = f"{name} has the bound {limit.bound}, but `{limit.metric}` is exact"
            yield entry.finding(f"{message} and has no interval; use `point`", *place, "bound")
        elif not exact and limit.bound not in (strict, _tolerated_bound(limit)):
            message = f"{name} has the loose bound {limit.bound} for {limit.op}"
            yield entry.finding(f"{message}; use `{strict}`", *place, "bound")


def _tolerated_bound(limit: Any) -> str | None:
    return "point" if getattr(limit, "on_fail", None) == "warn" else None


def _list_limits(charter: Charter) -> Iterator[tuple[Entry, tuple[str | int, ...], Any]]:
    """Yield each value with a metric, a threshold and a bound, with its entry and its path."""
    for entry in charter.entries("gates"):
        yield entry, (), entry.value
    for entry in charter.entries("decision"):
        for n, success in enumerate(entry.value.success):
            yield entry, ("success", n), success
    for entry in charter.entries("ope"):
        yield entry, ("go",), entry.value.go
