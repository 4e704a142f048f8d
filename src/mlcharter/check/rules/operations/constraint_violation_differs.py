"""The constraints on a policy are not those that its rollout counts.

The kill-switch counts violations by the names of its taxonomy, against its own ceiling. One that
the safety checklist calls otherwise, or allows more of, is never counted.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: constraints_rl -->
    ```yaml
    - {id: stay, sensor: violation-rate, ceiling: 0.05, shield: true, violation: fell-in,
        test: evals/rl.py}
    ```

    --- ops/runbook.md
    <!-- config: rl_rollout -->
    ```yaml
    {steps: [{weight: 5, bake: 1d, abort_alert: violations}, {weight: 100, bake: 7d,
      abort_alert: violations}], exploration_max: 0.3, violation_ceiling: 0.05, alpha: 0.05,
      test: e-process, kill_switch: {command: make rollback, max_delay_episodes: 150},
      taxonomy: [fell-into-water]}
    ```

Fine:

    --- safety/safety_checklist.md
    <!-- config: constraints_rl -->
    ```yaml
    - {id: stay, sensor: violation-rate, ceiling: 0.05, shield: true,
        violation: fell-into-water, test: evals/rl.py}
    ```

    --- ops/runbook.md
    <!-- config: rl_rollout -->
    ```yaml
    {steps: [{weight: 5, bake: 1d, abort_alert: violations}, {weight: 100, bake: 7d,
      abort_alert: violations}], exploration_max: 0.3, violation_ceiling: 0.05, alpha: 0.05,
      test: e-process, kill_switch: {command: make rollback, max_delay_episodes: 150},
      taxonomy: [fell-into-water]}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    rollout = charter.entry("rl_rollout")
    if rollout is None or not charter.settled("constraints_rl"):
        return
    counted = rollout.value.taxonomy
    for entry in charter.entries("constraints_rl"):
        value = entry.value
        if value.violation not in counted:
            message = f"{entry.subject} calls its violation `{value.violation}`"
            why = "which the taxonomy of `rl_rollout` lacks; use one name"
            yield entry.finding(f"{message}, {why}", "violation")
        if value.ceiling > rollout.value.violation_ceiling:
            message = f"{entry.subject} allows {value.ceiling:g} of episodes"
            why = f"`rl_rollout` only {rollout.value.violation_ceiling:g}; make them agree"
            yield entry.finding(f"{message}, {why}", "ceiling")
    constrained = {entry.value.violation for entry in charter.every("constraints_rl")}
    for n, name in enumerate(counted):
        if name not in constrained:
            message = f"`rl_rollout` counts `{name}`, which no entry of `constraints_rl` forbids"
            yield rollout.finding(f"{message}; add one, or remove the name", "taxonomy", n)
    ceilings = [entry.value.ceiling for entry in charter.entries("constraints_rl")]
    if ceilings and max(ceilings) < rollout.value.violation_ceiling:
        message = f"`rl_rollout` allows {rollout.value.violation_ceiling:g} of episodes to violate"
        why = f"`constraints_rl` at most {max(ceilings):g}; make them agree"
        yield rollout.finding(f"{message}, {why}", "violation_ceiling")
