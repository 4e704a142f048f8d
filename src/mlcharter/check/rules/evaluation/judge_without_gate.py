"""No gate requires that an LLM judge agrees with people, or the judge is not registered.

LLM judges have biases, such as for the first or for the longer answer. So a blocking gate checks
the agreement with people, at the floor that the judge gives, and another one that each pair is
judged in both orders. The registry lists the judge as `judge/<model>` or `judge/<id>`: with another
model or prompt it is another judge.

Flagged:

    <!-- config: judges -->
    ```yaml
    - {id: judge, model: small-1, prompt: prompts/judge.md, mode: pairwise, both_orders: false,
        anchors: data/anchors.jsonl, min_pairs: 100, agreement: kappa, floor: 0.45, bound: lower95,
        audit_n: 100, cadence_days: 90}
    ```

Flagged:

    <!-- config: judges -->
    ```yaml
    - {id: judge, model: small-1, prompt: prompts/judge.md, mode: pointwise, both_orders: false,
        anchors: data/anchors.jsonl, min_pairs: 100, agreement: kappa, floor: 0.45, bound: lower95,
        audit_n: 100, cadence_days: 90}
    ```

    <!-- config: gates -->
    ```yaml
    - {id: agreement, metric: judge-kappa, dataset: pairs, slice: audited, op: ">=",
        threshold: 0.3, bound: lower95, min_n: 100, on_fail: block, decided_on: 2026-11-09,
        rationale: below this it decides nothing}
    ```

Fine:

    <!-- config: judges -->
    ```yaml
    - {id: judge, model: small-1, prompt: prompts/judge.md, mode: pairwise, both_orders: true,
        anchors: data/anchors.jsonl, min_pairs: 100, agreement: kappa, floor: 0.45, bound: lower95,
        audit_n: 100, cadence_days: 90}
    ```

    <!-- config: gates -->
    ```yaml
    - {id: agreement, metric: judge-kappa, dataset: pairs, slice: audited, op: ">=",
        threshold: 0.45, bound: lower95, min_n: 100, on_fail: block, decided_on: 2026-11-09,
        rationale: below this it decides nothing}
    - {id: orders, metric: judge-both-orders, dataset: pairs, slice: all, op: ">=",
        threshold: 1, bound: point, min_n: 100, on_fail: block, decided_on: 2026-11-09,
        rationale: in one order the first place wins}
    ```
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    if charter.settled("registry") and charter.configs("registry"):
        yield from _check_registry(charter)
    if not charter.settled("gates"):
        return
    gates = [gate.value for gate in charter.entries("gates") if gate.value.on_fail == "block"]
    for entry in charter.entries("judges"):
        judge = entry.value
        if judge.mode == "pairwise" and not judge.both_orders:
            message = f"{entry.subject} sees each pair in one order only; set `both_orders` to true"
            yield entry.finding(message, "both_orders")
        elif judge.mode == "pairwise":
            orders = f"{judge.id}-both-orders"
            yield from _check_gate(entry, gates, orders, ("both_orders", 1), ("min_pairs", "point"))
        if judge.bound != "lower95":
            message = f"{entry.subject} has the loose bound {judge.bound}; use `lower95`"
            yield entry.finding(message, "bound")
            continue
        agreement = f"{judge.id}-{judge.agreement}"
        yield from _check_gate(
            entry, gates, agreement, ("floor", judge.floor), ("audit_n", "lower95")
        )


def _check_registry(charter: Charter) -> Iterator[Finding]:
    refs = [entry.value.ref for entry in charter.entries("registry")]
    known = {ref.partition("@")[0] for ref in refs}
    for entry in charter.entries("judges"):
        names = {f"judge/{entry.value.model}", f"judge/{entry.value.id}"}
        if not names & known:
            message = f"{entry.subject} is not in the registry"
            yield entry.finding(f"{message}; add `judge/{entry.value.id}@sha256:…`", "model")


def _check_gate(
    entry: Entry, gates: list[Any], metric: str, limit: tuple[str, float], over: tuple[str, str]
) -> Iterator[Finding]:
    """Yield a finding unless a gate has the judge's threshold and at least its number of cases.

    `limit` is the judge's key for the threshold, and the threshold; `over` is its key for the
    number of cases, and the bound.
    """
    key, floor = limit
    count, bound = over
    least = getattr(entry.value, count)
    on_metric = [gate for gate in gates if gate.metric == metric]
    same = [g for g in on_metric if (g.op, g.threshold, g.bound) == (">=", floor, bound)]
    if not same:
        gated = ", ".join(f"`{gate.id}` {gate.op} {gate.threshold:g}" for gate in on_metric)
        message = f"no blocking gate requires `{metric}` of {entry.subject} >= {floor:g}"
        remedy = f"there is {gated}; make them match" if on_metric else "add it to `gates`"
        yield entry.finding(f"{message} on {bound}; {remedy}", key)
    elif all(gate.min_n < least for gate in same):
        message = f"{entry.subject} requires {least} cases, but its gate `{same[0].id}` only"
        yield entry.finding(f"{message} {same[0].min_n}; make them match", count)
