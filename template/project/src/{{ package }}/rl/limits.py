"""The limits of evaluation and rollout, read from the documents that people agreed on.

docs/eval_pack.md holds the config block `ope`, ops/runbook.md the config block `rl_rollout`.
There is no second copy: a limit that is missing there is an error here.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

EVAL_PACK = Path("docs/eval_pack.md")
RUNBOOK = Path("ops/runbook.md")
GO = {"metric": "value-dr", "against": "behaviour", "op": ">=", "bound": "lower95"}
"""What `ope.decide` decides; only its threshold is free."""


@dataclass(frozen=True)
class OpeLimits:
    """When an off-policy estimate is admissible, and which uplift is a go."""

    estimators: tuple[str, ...]
    resamples: int
    min_ess_ratio: float
    max_weight: float
    max_disagreement: float
    go_threshold: float


@dataclass(frozen=True)
class RolloutLimits:
    """How a policy goes online. `weights` are the shares of episodes of each step, in per cent."""

    weights: tuple[float, ...]
    exploration_max: float
    violation_ceiling: float
    alpha: float
    max_delay_episodes: int
    taxonomy: tuple[str, ...]


def config_block(document: Path, kind: str) -> Any:
    """Return the YAML of the only config block of this kind; a ValueError if there is none."""
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(rf"^<!-- config: {kind} -->\n```yaml\n(.*?)^```", text, re.M | re.S)
    if len(blocks) != 1:
        raise ValueError(f"{document}: {len(blocks)} config blocks of kind {kind}, not one")
    try:
        return yaml.safe_load(blocks[0])
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"{document}: the config block {kind} is not valid YAML") from error


def ope_limits(root: Path = Path()) -> OpeLimits:
    """The limits in the eval pack of the repository at `root`."""
    found = config_block(root / EVAL_PACK, "ope")
    if {**found["go"], **GO} != found["go"]:
        raise ValueError(f"{EVAL_PACK}: the code decides {GO}, the document {found['go']}")
    return OpeLimits(
        estimators=tuple(found["estimators"]),
        resamples=int(found["resamples"]),
        min_ess_ratio=float(found["min_ess_ratio"]),
        max_weight=float(found["max_weight"]),
        max_disagreement=float(found["max_disagreement"]),
        go_threshold=float(found["go"]["threshold"]),
    )


def rollout_limits(root: Path = Path()) -> RolloutLimits:
    """The limits in the runbook of the repository at `root`."""
    found = config_block(root / RUNBOOK, "rl_rollout")
    return RolloutLimits(
        weights=tuple(float(step["weight"]) for step in found["steps"]),
        exploration_max=float(found["exploration_max"]),
        violation_ceiling=float(found["violation_ceiling"]),
        alpha=float(found["alpha"]),
        max_delay_episodes=int(found["kill_switch"]["max_delay_episodes"]),
        taxonomy=tuple(found["taxonomy"]),
    )
