"""A limit in the safety checklist has no gate with the same limit.

Only a gate stops a merge. If the limit differs from the gate, the limit has no effect.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: redteam -->
    ```yaml
    {suite: attacks.jsonl, metric: injection-success, ceiling: 0.1, bound: upper95,
      categories: [{id: indirect, min_n: 40}], reviewed_on: 2026-11-22}
    ```

    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: injection, metric: injection-success, dataset: attacks, slice: all, op: "<=",
        threshold: 0.2, bound: upper95, min_n: 40, on_fail: block, decided_on: 2026-11-09,
        rationale: agreed}
    ```

Flagged:

    --- safety/safety_checklist.md
    <!-- config: filters -->
    ```yaml
    - {id: door, catches: caught, catches_min: 0.9, blocks_good: refused, blocks_good_max: 0.01,
        tuned_on: 2026-11-22}
    ```

    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: caught, metric: caught, dataset: attacks, slice: all, op: ">=", threshold: 0.9,
        bound: lower95, min_n: 40, on_fail: block, decided_on: 2026-11-09, rationale: agreed}
    ```

Fine:

    --- safety/safety_checklist.md
    <!-- config: filters -->
    ```yaml
    - id: injection-door
      catches: attacks-caught
      catches_min: 0.9
      blocks_good: questions-refused
      blocks_good_max: 0.01
      tuned_on: 2026-11-22
    ```

    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: caught, metric: attacks-caught, dataset: attacks, slice: all, op: ">=",
        threshold: 0.9, bound: lower95, min_n: 40, on_fail: block, decided_on: 2026-11-09,
        rationale: agreed}
    - {id: refused, metric: questions-refused, dataset: questions, slice: all, op: "<=",
        threshold: 0.01, bound: upper95, min_n: 400, on_fail: block, decided_on: 2026-11-09,
        rationale: agreed}
    ```

Fine:

    --- safety/safety_checklist.md
    <!-- config: redteam -->
    ```yaml
    {suite: attacks.jsonl, metric: injection-success, ceiling: 0.1, bound: upper95,
      categories: [{id: indirect, min_n: 40}], reviewed_on: 2026-11-22}
    ```

    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: injection, metric: injection-success, dataset: attacks, slice: all, op: "<=",
        threshold: 0.1, bound: upper95, min_n: 40, on_fail: block, decided_on: 2026-11-09,
        rationale: agreed}
    ```
"""

from collections.abc import Iterator
from math import isclose
from typing import NamedTuple

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"


class _Limit(NamedTuple):
    """A limit in a config block, and the keys of its metric and value."""

    entry: Entry
    metric: str
    is_maximum: bool
    value: float
    bound: str | None
    metric_key: str
    value_key: str


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.settled("gates"):
        return
    gates = charter.entries("gates")
    for limit in _list_limits(charter):
        own_gates = [gate for gate in gates if gate.value.metric == limit.metric]
        if not own_gates:
            message = f"{limit.entry.subject} limits `{limit.metric}`, which no gate uses"
            yield limit.entry.finding(f"{message}; add one or correct it", limit.metric_key)
        elif not any(_enforces(gate, limit) for gate in own_gates):
            side = "at most" if limit.is_maximum else "at least"
            bound = f" on `{limit.bound}`" if limit.bound else ""
            message = (
                f"{limit.entry.subject} limits `{limit.metric}` to {side} {limit.value:g}{bound}"
            )
            why = f'but no blocking gate does (`gates` "{own_gates[0].value.id}" differs)'
            yield limit.entry.finding(f"{message}, {why}; use the same limit", limit.value_key)


def _list_limits(charter: Charter) -> Iterator[_Limit]:
    """Return the limits in `redteam`, `filters` and `constraints_rl`."""
    for entry in charter.entries("redteam"):
        value = entry.value
        yield _Limit(entry, value.metric, True, value.ceiling, value.bound, "metric", "ceiling")
    for entry in charter.entries("filters"):
        value = entry.value
        yield _Limit(entry, value.catches, False, value.catches_min, None, "catches", "catches_min")
        maximum = value.blocks_good_max
        yield _Limit(
            entry, value.blocks_good, True, maximum, None, "blocks_good", "blocks_good_max"
        )
    for entry in charter.entries("constraints_rl"):
        value = entry.value
        yield _Limit(entry, value.sensor, True, value.ceiling, None, "sensor", "ceiling")


def _enforces(gate: Entry, limit: _Limit) -> bool:
    value = gate.value
    return (
        value.on_fail == "block"
        and value.op.startswith("<" if limit.is_maximum else ">")
        and isclose(value.threshold, limit.value, rel_tol=1e-9, abs_tol=1e-12)
        and limit.bound in (None, value.bound)
    )
