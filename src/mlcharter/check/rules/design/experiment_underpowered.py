"""The sample size of the experiment does not match its power.

A test that is too small rarely finds an effect, and its result is easily read as "no effect".
The size is that of a two-sided z-test of two proportions with the pooled proportion under the null
hypothesis, as R's `power.prop.test` computes it; sequential and clustered designs need more.
A non-inferiority test is one-sided, and its margin is the effect size.

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
        message = "a non-inferiority test needs a `margin`; give the largest acceptable loss"
        yield entry.finding(message, "margin")
        return
    if not with_margin and plan.margin is not None:
        message = f"a {plan.test} test has no `margin`; set it to null, or test non-inferiority"
        yield entry.finding(message, "margin")
    target = _compute_target(charter, plan)
    if not 0 < target < 1:
        message = f"a baseline of {plan.baseline:g} with an `mde` of {plan.mde:g} leads to"
        yield entry.finding(f"{message} {target:g}, not between 0 and 1; correct one", "mde")
        return
    yield from _check_size(entry, _compute_size(plan, target))


def _compute_target(charter: Charter, plan: Any) -> float:
    """Return baseline plus `mde`, or baseline minus `mde` if the KPI should fall."""
    kpi = charter.named("kpis").get(plan.metric)
    falls = kpi is not None and kpi.value.direction == "down"
    return float(round(plan.baseline + (-plan.mde if falls else plan.mde), 12))


def _compute_size(plan: Any, target: float) -> int:
    """Return the number of units that each arm needs."""
    z = _normal_quantile
    baseline: float = plan.baseline
    if plan.test == "non-inferiority":
        spread = math.sqrt(2 * baseline * (1 - baseline))
        root: float = (z(1 - plan.alpha) + z(plan.power)) * spread / plan.margin
        return math.ceil(root**2)
    pooled = (baseline + target) / 2
    under_null = z(1 - plan.alpha / 2) * math.sqrt(2 * pooled * (1 - pooled))
    spread = math.sqrt(baseline * (1 - baseline) + target * (1 - target))
    root = (under_null + z(plan.power) * spread) / plan.mde
    return math.ceil(root**2)


def _normal_quantile(probability: float) -> float:
    """Return the quantile of the standard normal distribution, by bisection.

    Importing `statistics` for it takes longer.
    """
    low, high = -9.0, 9.0
    for _ in range(60):
        middle = (low + high) / 2
        if math.erfc(-middle / math.sqrt(2)) / 2 < probability:
            low = middle
        else:
            high = middle
    return middle


def _check_size(entry: Entry, needed: int) -> Iterator[Finding]:
    plan = entry.value
    exact = plan.test == "fixed" and plan.design == "ab"
    if plan.n_per_arm < needed or (exact and plan.n_per_arm > needed):
        at_least = "" if exact else " at least"
        message = f"`n_per_arm` is {plan.n_per_arm}, but baseline, mde, alpha and power require"
        remedy = "correct it, or change `mde`"
        yield entry.finding(f"{message}{at_least} {needed}; {remedy}", "n_per_arm")
