"""Decide whether a policy in an online rollout is within the limits of the runbook.

A report has `violation-rate` and `exploration` of the policy, estimated from a log or counted in a
canary. If the document has the metrics `kill-false-trip` (the share of streams at the ceiling that
trigger the kill switch) and `kill-delay` (episodes until it triggers), they are decided as well.
A metric that is measured on several slices of the document must pass on each.
"""

from collections.abc import Iterator

from mlcharter.charter.config.operations.rl_rollout import RlRollout
from mlcharter.gate.measurements import Measurements, Requirement
from mlcharter.gate.verdict import Verdict


def decide(rollout: RlRollout, measurements: Measurements) -> Iterator[Verdict]:
    ceilings = {
        "violation-rate": rollout.violation_ceiling,
        "exploration": rollout.exploration_max,
    }
    of_the_switch = {
        "kill-false-trip": rollout.alpha,
        "kill-delay": rollout.kill_switch.max_delay_episodes,
    }
    ceilings |= {m: limit for m, limit in of_the_switch.items() if m in measurements.metrics}
    for metric, ceiling in ceilings.items():
        yield from measurements.compare_everywhere(
            Requirement(
                config="rl_rollout",
                id=f"rl_rollout/{metric}",
                metric=metric,
                op="<=",
                threshold=ceiling,
                bound=measurements.choose_bound(metric, "<="),
                entry=rollout,
            )
        )
