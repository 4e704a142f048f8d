"""The error budget policy has no freeze, is not in order, or does not match the SLOs.

Without a freeze, changes go on after the error budget is spent. The window must be that of the
SLOs: an error budget over 30 days cannot be computed from SLOs over 28 days.

Flagged:

    --- ops/runbook.md
    <!-- config: error_budget_policy -->
    ```yaml
    window: 28d
    actions: [{spent: 0.5, action: review}, {spent: 1.0, action: review}]
    override_by: "@acme/quality"
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered_total,
        total: asked_total}, timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    ```

    <!-- config: error_budget_policy -->
    ```yaml
    window: 30d
    actions: [{spent: 0.5, action: review}, {spent: 1.0, action: freeze}]
    override_by: "@acme/quality"
    ```

Fine:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered_total,
        total: asked_total}, timeWindow: 4w, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    ```

    <!-- config: error_budget_policy -->
    ```yaml
    window: 28d
    actions: [{spent: 0.5, action: review}, {spent: 1.0, action: freeze}]
    override_by: "@acme/quality"
    ```
"""

from collections.abc import Iterator
from itertools import pairwise

from mlcharter.charter.charter import Charter
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for policy in charter.entries("error_budget_policy"):
        actions = policy.value.actions
        if all(action.action != "freeze" for action in actions):
            message = "`error_budget_policy` has no `freeze`; add one at a share of at most 1.0"
            yield policy.finding(message, "actions")
        for n, (before, after) in enumerate(pairwise(actions), 1):
            if after.spent <= before.spent or (before.action, after.action) == ("freeze", "review"):
                message = (
                    f"the actions of `error_budget_policy` do not get stricter at {after.spent:g}"
                )
                yield policy.finding(f"{message}; sort them by `spent`", "actions", n)
        if actions[0].spent == 0:
            message = "`spent` in `error_budget_policy` must be above 0; correct it"
            yield policy.finding(message, "actions", 0, "spent")
        window = promql.to_seconds(policy.value.window)
        for slo in charter.entries("slos"):
            if promql.to_seconds(slo.value.timeWindow) != window:
                message = f"`error_budget_policy` has the window {policy.value.window}"
                why = f"{slo.subject} has {slo.value.timeWindow}; use the same window"
                yield policy.finding(f"{message}, but {why}", "window")
