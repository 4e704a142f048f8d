"""The experiment does not match its KPI or the launch decision, or its ramp does not rise.

The launch is decided on that KPI, so the experiment starts from the KPI's baseline.
It runs for whole weeks, since days of the week differ. Its metric cannot be its own guardrail.

Flagged:

    <!-- config: experiment -->
    ```yaml
    design: ab
    unit: session
    metric: approved-share
    baseline: 0.5
    mde: 0.15
    alpha: 0.05
    power: 0.8
    test: fixed
    margin: null
    n_per_arm: 170
    days: 14
    ramp: [50, 10]
    guardrails: [approved-share]
    ```

    <!-- config: kpis -->
    ```yaml
    - id: approved-share
      role: north-star
      parent: null
      unit: ratio
      direction: up
      baseline: 0.41
      source: dashboards/approvals
      owner: "@fraud-ml"
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

    <!-- config: kpis -->
    ```yaml
    - id: approved-share
      role: north-star
      parent: null
      unit: ratio
      direction: up
      baseline: 0.41
      source: dashboards/approvals
      owner: "@fraud-ml"
    ```
"""

from collections.abc import Iterator
from itertools import pairwise

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("experiment")
    if entry is None:
        return
    plan = entry.value
    kpi = charter.named("kpis").get(plan.metric)
    if kpi is not None and kpi.value.baseline != plan.baseline:
        message = f"the baseline is {plan.baseline:g} here and {kpi.value.baseline:g} for the KPI"
        yield entry.finding(f"{message} `{plan.metric}`; correct one of them", "baseline")
    decision = charter.entry("decision")
    if decision is not None and all(s.metric != plan.metric for s in decision.value.success):
        message = f"the experiment measures `{plan.metric}`, which is not in `success` of"
        yield entry.finding(f"{message} `decision`; add it there", "metric")
    if plan.metric in plan.guardrails:
        message = f"`{plan.metric}` is the metric, and cannot be its own guardrail; name others"
        yield entry.finding(message, "guardrails", plan.guardrails.index(plan.metric))
    if plan.days % 7:
        message = f"{plan.days} days are not whole weeks, and days of the week differ"
        yield entry.finding(f"{message}; use a multiple of 7", "days")
    for n, (before, after) in enumerate(pairwise((0, *plan.ramp))):
        if after <= before:
            message = f"the ramp goes from {before:g} to {after:g} percent; it must rise"
            yield entry.finding(message, "ramp", n)
