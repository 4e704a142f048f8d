"""A policy that goes online stays inside the limits of the runbook.

A report has `violation-rate` and `exploration` of a canary, `kill-false-trip` (the share of
streams at the ceiling that trip the kill-switch) and `kill-delay` (episodes until it trips).
Where one is measured on several slices of the document, each must hold.
"""

from collections.abc import Iterator

from mlcharter.charter.config.operations.rl_rollout import RlRollout
from mlcharter.gate.measurements import Demand, Measured
from mlcharter.gate.verdict import Verdict


def verdicts(rollout: RlRollout, measured: Measured) -> Iterator[Verdict]:
    ceilings = {
        "violation-rate": rollout.violation_ceiling,
        "exploration": rollout.exploration_max,
        "kill-false-trip": rollout.alpha,
        "kill-delay": rollout.kill_switch.max_delay_episodes,
    }
    for metric, ceiling in ceilings.items():
        yield from measured.weigh_everywhere(
            Demand(
                config="rl_rollout",
                id=f"rl_rollout/{metric}",
                metric=metric,
                op="<=",
                threshold=ceiling,
                bound=measured.strict(metric, "<="),
                waived=rollout.waived,
            )
        )
