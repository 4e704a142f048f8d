"""The canary does not match the experiment or the rollout of a policy.

Each share of traffic in `ramp` of the experiment must be a step of the canary, and the last one
must bake for as long as the experiment runs. A policy must not start with more traffic than the
canary gives a release.

Flagged:

    <!-- config: experiment -->
    ```yaml
    {design: ab, unit: user, metric: sales, baseline: 0.41, mde: 0.15, alpha: 0.05, power: 0.8,
      test: fixed, margin: null, n_per_arm: 174, days: 77, ramp: [10, 50], guardrails: [wait]}
    ```

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 10, bake: 14d, abort_alert: ready-burn}
      - {weight: 25, bake: 77d, abort_alert: ready-burn}
      - {weight: 100, bake: 1d, abort_alert: ready-burn}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 1, bake: 14d, abort_alert: ready-burn}
      - {weight: 100, bake: 1d, abort_alert: ready-burn}
    ```

    <!-- config: rl_rollout -->
    ```yaml
    steps:
      - {weight: 5, bake: 1d, abort_alert: violations}
      - {weight: 100, bake: 7d, abort_alert: violations}
    exploration_max: 0.3
    violation_ceiling: 0.05
    alpha: 0.05
    test: e-process
    kill_switch: {command: make rollback, max_delay_episodes: 150}
    taxonomy: [fell-into-water]
    ```

Fine:

    <!-- config: experiment -->
    ```yaml
    {design: ab, unit: user, metric: sales, baseline: 0.41, mde: 0.15, alpha: 0.05, power: 0.8,
      test: fixed, margin: null, n_per_arm: 174, days: 77, ramp: [10, 50], guardrails: [wait]}
    ```

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 10, bake: 14d, abort_alert: ready-burn}
      - {weight: 50, bake: 11w, abort_alert: ready-burn}
      - {weight: 100, bake: 1d, abort_alert: ready-burn}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    canary = charter.entry("canary")
    if canary is None:
        return
    for experiment in charter.entries("experiment"):
        if experiment.value.design != "shadow":
            yield from _compare_with_ramp(canary, experiment)
    first = canary.value.steps[0].weight
    for rollout in charter.entries("rl_rollout"):
        weight = rollout.value.steps[0].weight
        if weight > first:
            message = f"`rl_rollout` starts with {weight:g} % of traffic, `canary` with {first:g} %"
            yield rollout.finding(f"{message}; start with no more", "steps", 0, "weight")


def _compare_with_ramp(canary: Entry, experiment: Entry) -> Iterator[Finding]:
    bakes = {step.weight: step.bake for step in canary.value.steps}
    for n, weight in enumerate(experiment.value.ramp):
        if weight not in bakes:
            message = f"`experiment` ramps to {weight:g} % of traffic, which is no step of `canary`"
            yield experiment.finding(f"{message}; use the same steps", "ramp", n)
    last = experiment.value.ramp[-1]
    for weight in bakes:
        if weight < last and weight not in experiment.value.ramp:
            message = f"`canary` has a step of {weight:g} % of traffic, but `experiment` has not"
            yield experiment.finding(f"{message}; use the same steps", "ramp")
    days = experiment.value.days
    if last in bakes and promql.to_seconds(bakes[last]) < days * 86400:
        message = f"`experiment` runs {days} days at {last:g} %, but `canary` bakes {bakes[last]}"
        yield experiment.finding(f"{message}; use the same time", "days")
