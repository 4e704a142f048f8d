"""The experiment is too small for its power.

A test that is too small rarely finds an effect, and its result is easily read as "no effect".
The size is that of a two-sided z-test: of two proportions with the pooled proportion under the null
hypothesis, as R's `power.prop.test` computes it, or with `sd` of two means. A non-inferiority test
is one-sided, and its margin is the effect size. An unequal `allocation` needs more units in all;
`clusters` multiply the size by the design effect 1 + (size - 1) * icc. A sequential test needs more
than this.

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

Flagged:

    <!-- config: experiment -->
    ```yaml
    design: switchback
    unit: order
    metric: minutes-per-order
    baseline: 31
    mde: 1
    sd: 12
    alpha: 0.05
    power: 0.8
    test: fixed
    margin: null
    n_per_arm: 2261
    allocation: 0.5
    clusters: {unit: city and hour, size: 40, icc: 0.02}
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

Fine:

    <!-- config: experiment -->
    ```yaml
    design: switchback
    unit: order
    metric: minutes-per-order
    baseline: 31
    mde: 1
    sd: 12
    alpha: 0.05
    power: 0.8
    test: fixed
    margin: null
    n_per_arm: 4100
    allocation: 0.5
    clusters: {unit: city and hour, size: 40, icc: 0.02}
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
    if plan.sd is None and not (0 < target < 1 and 0 <= plan.baseline <= 1):
        message = f"a baseline of {plan.baseline:g} with an `mde` of {plan.mde:g} leads to"
        remedy = "correct one, or give `sd` if the metric is a mean"
        yield entry.finding(f"{message} {target:g}, not between 0 and 1; {remedy}", "mde")
        return
    yield from _check_size(entry, _compute_size(plan, target))


def _compute_target(charter: Charter, plan: Any) -> float:
    """Return baseline plus `mde`, or baseline minus `mde` if the KPI should fall."""
    kpi = charter.named("kpis").get(plan.metric)
    falls = kpi is not None and kpi.value.direction == "down"
    return float(round(plan.baseline + (-plan.mde if falls else plan.mde), 12))


def _compute_size(plan: Any, target: float) -> int:
    """Return the number of units that the smaller arm needs."""
    z = _normal_quantile
    ratio = max(plan.allocation, 1 - plan.allocation) / min(plan.allocation, 1 - plan.allocation)
    if plan.test == "non-inferiority":
        effect, quantile = plan.margin, z(1 - plan.alpha)
        smaller = larger = pooled = _variance(plan, plan.baseline)
    else:
        effect, quantile = plan.mde, z(1 - plan.alpha / 2)
        arms = (target, plan.baseline) if plan.allocation <= 0.5 else (plan.baseline, target)
        smaller, larger = (_variance(plan, value) for value in arms)
        pooled = _variance(plan, (arms[0] + ratio * arms[1]) / (1 + ratio))
    under_null = quantile * math.sqrt(pooled * (1 + 1 / ratio))
    root: float = (under_null + z(plan.power) * math.sqrt(smaller + larger / ratio)) / effect
    return math.ceil(root**2 * _design_effect(plan))


def _variance(plan: Any, mean: float) -> float:
    """Return the variance of a unit's metric: `sd` squared, or that of a proportion."""
    return float(mean * (1 - mean) if plan.sd is None else plan.sd**2)


def _design_effect(plan: Any) -> float:
    """Return how many units of clusters say as much as one independent unit."""
    return 1 + (plan.clusters.size - 1) * plan.clusters.icc if plan.clusters else 1.0


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
    if plan.n_per_arm < needed:
        message = f"`n_per_arm` is {plan.n_per_arm}, but what the block states requires {needed}"
        yield entry.finding(f"{message}; correct it, or change `mde`", "n_per_arm")
