"""The limits of the rollout, read from the config block `rl_rollout` in ops/runbook.md.

There is no second copy: a limit that is missing there is an error here. A block that nobody has
filled in raises NotImplementedError.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

RUNBOOK = Path("ops/runbook.md")


@dataclass(frozen=True)
class RolloutLimits:
    """How a policy goes online. `weights` are the shares of episodes of each step, in per cent."""

    weights: tuple[float, ...]
    exploration_max: float
    violation_ceiling: float
    alpha: float
    max_delay_episodes: int


def rollout_limits(root: Path = Path()) -> RolloutLimits:
    """Return the limits in the runbook of the repository at `root`."""
    text = (root / RUNBOOK).read_text(encoding="utf-8")
    blocks = re.findall(r"^<!-- config: rl_rollout -->\n```yaml\n(.*?)^```", text, re.M | re.S)
    if len(blocks) != 1:
        raise ValueError(f"{RUNBOOK}: {len(blocks)} config blocks of kind rl_rollout, not one")
    found = yaml.safe_load(blocks[0])
    if not any(found.values()):
        raise NotImplementedError(f"fill in the config block rl_rollout in {RUNBOOK}")
    return RolloutLimits(
        weights=tuple(float(step["weight"]) for step in found["steps"]),
        exploration_max=float(found["exploration_max"]),
        violation_ceiling=float(found["violation_ceiling"]),
        alpha=float(found["alpha"]),
        max_delay_episodes=int(found["kill_switch"]["max_delay_episodes"]),
    )
