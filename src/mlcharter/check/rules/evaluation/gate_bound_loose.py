"""A number is held to its limit on the side that luck favours.

With few rows the point passes by chance, and so does the better end of an interval.
A larger number is judged by its `lower95`, a smaller one by its `upper95`; only what is counted
exactly, or what only warns, is judged by its `point`.
A limit that passes when the metric gets worse is the same mistake.

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
    known = {**charter.named("kpis"), **charter.named("metrics")}
    for entry, place, limit in _limits(charter):
        said = known.get(limit.metric)
        if said is None:
            continue
        name = entry.subject
        if (limit.op in _RISING) != (said.value.direction == "up"):
            message = f"{name} passes `{limit.metric}` {limit.op} {limit.threshold:g}, but its"
            remedy = "turn one of them round"
            good = f"good direction is {said.value.direction}"
            yield entry.finding(f"{message} {good}; {remedy}", *place, "op")
        exact = getattr(said.value, "method", None) == "exact"
        strict = "lower95" if limit.op in _RISING else "upper95"
        if exact and limit.bound != "point":
            message = f"{name} is judged on {limit.bound}, but `{limit.metric}` is exact"
            yield entry.finding(f"{message} and has no interval; use `point`", *place, "bound")
        elif not exact and limit.bound not in (strict, _tolerated(limit)):
            message = f"{name} is judged by {limit.op} on {limit.bound}, the loose side"
            yield entry.finding(f"{message}; use `{strict}`", *place, "bound")


def _tolerated(limit: Any) -> str | None:
    return "point" if getattr(limit, "on_fail", None) == "warn" else None


def _limits(charter: Charter) -> Iterator[tuple[Entry, tuple[str | int, ...], Any]]:
    """Whatever holds a metric to a threshold on a bound."""
    for entry in charter.entries("gates"):
        yield entry, (), entry.value
    for entry in charter.entries("decision"):
        for n, success in enumerate(entry.value.success):
            yield entry, ("success", n), success
    for entry in charter.entries("ope"):
        yield entry, ("go",), entry.value.go
