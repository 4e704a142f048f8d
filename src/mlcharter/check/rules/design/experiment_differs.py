"""The experiment is not about the KPI that it names, or its ramp goes back.

The launch is decided on that KPI. The experiment starts from the KPI's baseline, or else it
measures the distance from a place where nobody stands.
It takes whole weeks, since days of the week differ, and what it improves cannot be its guardrail.

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
        message = f"the experiment measures `{plan.metric}`, on which the launch is not decided"
        yield entry.finding(f"{message}; add it to `success` of `decision`", "metric")
    if plan.metric in plan.guardrails:
        message = f"`{plan.metric}` cannot guard itself; name what must not get worse meanwhile"
        yield entry.finding(message, "guardrails", plan.guardrails.index(plan.metric))
    if plan.days % 7:
        message = f"{plan.days} days are no whole weeks, and days of the week differ"
        yield entry.finding(f"{message}; take a multiple of 7", "days")
    for n, (before, after) in enumerate(pairwise((0, *plan.ramp))):
        if after <= before:
            message = f"the ramp goes from {before:g} to {after:g} percent; let it only rise"
            yield entry.finding(message, "ramp", n)
