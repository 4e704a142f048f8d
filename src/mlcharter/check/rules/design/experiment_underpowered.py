"""The experiment is not as large as its power asks.

A flat result of a test that is too small says nothing, and looks like an answer.
The size is that of a two-sided z-test of two shares with the pooled share under the null
hypothesis, as R's `power.prop.test` has it; a test that looks early, or in clusters, needs more.
A non-inferiority test is one-sided, and as fine as its margin.

Flagged:

    <!-- config: experiment -->
    ```yaml
    design: ab
    unit: session
    metric: approved-share
    baseline: 0.41
    mde: 0.15
    alpha: 0.05
    power: 0.8
    test: fixed
    margin: null
    n_per_arm: 100
    days: 14
    ramp: [10, 50]
    guardrails: [complaints]
    ```

Flagged:

    <!-- config: experiment -->
    ```yaml
    design: ab
    unit: session
    metric: approved-share
    baseline: 0.41
    mde: 0.15
    alpha: 0.05
    power: 0.8
    test: non-inferiority
    margin: null
    n_per_arm: 500
    days: 14
    ramp: [10, 50]
    guardrails: [complaints]
    ```

Fine:

    <!-- config: experiment -->
    ```yaml
    design: ab
    unit: session
    metric: approved-share
    baseline: 0.41
    mde: 0.15
    alpha: 0.05
    power: 0.8
    test: fixed
    margin: null
    n_per_arm: 174
    days: 14
    ramp: [10, 50]
    guardrails: [complaints]
    ```
"""

import math
from collections.abc import Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("experiment")
    if entry is None:
        return
    plan = entry.value
    with_margin = plan.test == "non-inferiority"
    if with_margin and not plan.margin:
        message = "a non-inferiority test needs its `margin`; say how much worse is acceptable"
        yield entry.finding(message, "margin")
        return
    if not with_margin and plan.margin is not None:
        message = f"a {plan.test} test has no `margin`; set it to null, or test for non-inferiority"
        yield entry.finding(message, "margin")
    target = _target(charter, plan)
    if not 0 < target < 1:
        message = f"a baseline of {plan.baseline:g} with an `mde` of {plan.mde:g} leads to"
        yield entry.finding(f"{message} {target:g}, which is no share; correct one", "mde")
        return
    yield from _size(entry, _needed(plan, target))


def _target(charter: Charter, plan: Any) -> float:
    """The share that the experiment hopes for; downwards where the KPI shall fall."""
    kpi = charter.named("kpis").get(plan.metric)
    falls = kpi is not None and kpi.value.direction == "down"
    return float(round(plan.baseline + (-plan.mde if falls else plan.mde), 12))


def _needed(plan: Any, target: float) -> int:
    z = _quantile
    first: float = plan.baseline
    if plan.test == "non-inferiority":
        spread = math.sqrt(2 * first * (1 - first))
        root: float = (z(1 - plan.alpha) + z(plan.power)) * spread / plan.margin
        return math.ceil(root**2)
    pooled = (first + target) / 2
    under_null = z(1 - plan.alpha / 2) * math.sqrt(2 * pooled * (1 - pooled))
    spread = math.sqrt(first * (1 - first) + target * (1 - target))
    root = (under_null + z(plan.power) * spread) / plan.mde
    return math.ceil(root**2)


def _quantile(share: float) -> float:
    """The standard normal value below which a share lies; importing `statistics` takes longer."""
    low, high = -9.0, 9.0
    for _ in range(60):
        middle = (low + high) / 2
        if math.erfc(-middle / math.sqrt(2)) / 2 < share:
            low = middle
        else:
            high = middle
    return middle


def _size(entry: Entry, needed: int) -> Iterator[Finding]:
    plan = entry.value
    exact = plan.test == "fixed" and plan.design == "ab"
    if plan.n_per_arm < needed or (exact and plan.n_per_arm > needed):
        least = "" if exact else " at least"
        message = f"`n_per_arm` is {plan.n_per_arm}, but baseline, mde, alpha and power ask for"
        remedy = "correct it, or choose another effect"
        yield entry.finding(f"{message}{least} {needed}; {remedy}", "n_per_arm")
