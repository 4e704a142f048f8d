"""The experiment is not about the KPI that it names, or ramps where the runbook does not.

Its baseline is the KPI's, or else it measures the distance from a place where nobody stands.
Each step of the ramp is one of the runbook, where an alert takes a bad release back.

Flagged:

    <!-- contract: experiment -->
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

    <!-- contract: kpis -->
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

Flagged:

    <!-- contract: experiment -->
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

    <!-- contract: canary -->
    ```yaml
    steps:
      - {weight: 1, bake: 4h, abort_alert: complaints}
      - {weight: 100, bake: 7d, abort_alert: complaints}
    ```

Fine:

    <!-- contract: experiment -->
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

    <!-- contract: canary -->
    ```yaml
    steps:
      - {weight: 10, bake: 1d, abort_alert: complaints}
      - {weight: 50, bake: 14d, abort_alert: complaints}
      - {weight: 100, bake: 7d, abort_alert: complaints}
    ```
"""

from collections.abc import Iterator
from itertools import pairwise

from mlcharter import agreement
from mlcharter.charter import Charter
from mlcharter.contracting import Entry
from mlcharter.finding import Finding

LEVEL = "review"


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("experiment")
    if entry is None:
        return
    plan = entry.value
    kpi = charter.named("kpis").get(plan.metric)
    if kpi is not None and kpi.value.baseline != plan.baseline:
        message = f"the baseline is {plan.baseline:g} here and {kpi.value.baseline:g} for the KPI"
        yield entry.finding(f"{message} `{plan.metric}`; correct one of them", "baseline")
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
    yield from _unwatched(charter, entry)


def _unwatched(charter: Charter, entry: Entry) -> Iterator[Finding]:
    """Steps of the ramp at which no alert of the runbook takes the release back."""
    steps = [
        (step.weight, step.bake)
        for kind in ("canary", "rl_rollout")
        for runbook in charter.entries(kind)
        for step in runbook.value.steps
    ]
    if not steps or not agreement.settled(charter, "canary", "rl_rollout"):
        return
    known = sorted({weight for weight, _ in steps})
    for n, percent in enumerate(entry.value.ramp):
        if percent not in known:
            there = ", ".join(f"{weight:g}" for weight in known)
            message = f"the runbook has no canary step of {percent:g} percent, but of {there}"
            remedy = "ramp by its steps, so that their alerts can end it"
            yield entry.finding(f"{message}; {remedy}", "ramp", n)
    last = entry.value.ramp[-1]
    bakes = [agreement.seconds(bake) / 86400 for weight, bake in steps if weight == last]
    if bakes and entry.value.days > max(bakes):
        message = f"the experiment takes {entry.value.days} days, and the canary step of {last:g}"
        yield entry.finding(f"{message} percent is over after {max(bakes):g}; align them", "days")
