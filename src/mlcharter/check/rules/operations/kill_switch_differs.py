"""The alert that stops a policy does not match `alpha` of the kill switch.

`alpha` is the false-alarm rate of the kill switch: its e-process stops the policy at an e-value of
1 / alpha. An alert on the logarithm of the e-value (a metric whose name ends in `log_wealth`) must
compare with ln(1 / alpha). A lower limit stops good policies, a higher one lets bad policies
continue.

Flagged:

    --- ops/runbook.md
    <!-- config: rl_rollout -->
    ```yaml
    {steps: [{weight: 5, bake: 1d, abort_alert: violations}, {weight: 100, bake: 7d,
      abort_alert: violations}], exploration_max: 0.3, violation_ceiling: 0.05, alpha: 0.01,
      test: e-process, kill_switch: {command: make rollback, max_delay_episodes: 150},
      taxonomy: [fell-into-water]}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: violations, subject: drift/violations, expr: max(policy_violation_log_wealth) >= 3.0,
        wait: 1s, severity: page, owner: "@acme/ops", runbook: "#policy"}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: rl_rollout -->
    ```yaml
    {steps: [{weight: 5, bake: 1d, abort_alert: violations}, {weight: 100, bake: 7d,
      abort_alert: violations}], exploration_max: 0.3, violation_ceiling: 0.05, alpha: 0.05,
      test: e-process, kill_switch: {command: make rollback, max_delay_episodes: 150},
      taxonomy: [fell-into-water]}
    ```

    <!-- config: alerts -->
    ```yaml
    - {id: violations, subject: drift/violations, expr: max(policy_violation_log_wealth) >= 3.0,
        wait: 1s, severity: page, owner: "@acme/ops", runbook: "#policy"}
    ```
"""

from collections.abc import Iterator
from math import isclose, log

from mlcharter.charter.charter import Charter
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"
_TOLERANCE = 0.02  # people write 3.0 for 2.996


def check(charter: Charter) -> Iterator[Finding]:
    alerts = charter.named("alerts")
    for rollout in charter.entries("rl_rollout"):
        expected = log(1 / rollout.value.alpha)
        for id in dict.fromkeys(step.abort_alert for step in rollout.value.steps):
            alert = alerts.get(id)
            if alert is None or alert.value.expr is None:
                continue
            query = promql.read(alert.value.expr)
            if not any(name.endswith("log_wealth") for name in query.metrics):
                continue
            if not any(isclose(limit, expected, rel_tol=_TOLERANCE) for limit in query.limits):
                message = f"{alert.subject} does not fire at {expected:.3g}, which is ln(1 / alpha)"
                why = f"of `rl_rollout` (alpha {rollout.value.alpha:g}); use this limit"
                yield alert.finding(f"{message} {why}", "expr")
