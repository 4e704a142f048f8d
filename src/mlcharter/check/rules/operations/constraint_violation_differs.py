"""The constraints on a policy do not match its rollout.

The kill switch counts violations by their names in `taxonomy`, against `violation_ceiling`. A
violation with another name is never counted, and a constraint with another ceiling is not what the
kill switch enforces.

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
    taxonomy = rollout.value.taxonomy
    for entry in charter.entries("constraints_rl"):
        value = entry.value
        if value.violation not in taxonomy:
            message = f"{entry.subject} has the violation `{value.violation}`"
            why = "which is not in `taxonomy` of `rl_rollout`; use the same name"
            yield entry.finding(f"{message}, {why}", "violation")
        if value.ceiling > rollout.value.violation_ceiling:
            message = f"{entry.subject} allows violations in {value.ceiling:g} of episodes"
            why = (
                f"`rl_rollout` in at most {rollout.value.violation_ceiling:g}; use the same ceiling"
            )
            yield entry.finding(f"{message}, but {why}", "ceiling")
    constrained = {entry.value.violation for entry in charter.every("constraints_rl")}
    for n, name in enumerate(taxonomy):
        if name not in constrained:
            message = f"`rl_rollout` counts `{name}`, which is no violation in `constraints_rl`"
            yield rollout.finding(f"{message}; add one or remove the name", "taxonomy", n)
    ceilings = [entry.value.ceiling for entry in charter.entries("constraints_rl")]
    if ceilings and max(ceilings) < rollout.value.violation_ceiling:
        message = (
            f"`rl_rollout` allows violations in {rollout.value.violation_ceiling:g} of episodes"
        )
        why = f"`constraints_rl` in at most {max(ceilings):g}; use the same ceiling"
        yield rollout.finding(f"{message}, but {why}", "violation_ceiling")
