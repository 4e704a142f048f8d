"""The steps of a rollout do not rise, or do not end at 100 %.

A step that is not larger than the one before it adds no information. A rollout that ends earlier
leaves two releases in production.

Flagged:

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 10, bake: 4h, abort_alert: ready-burn}
      - {weight: 50, bake: 1d, abort_alert: ready-burn}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 50, bake: 4h, abort_alert: ready-burn}
      - {weight: 10, bake: 1d, abort_alert: ready-burn}
      - {weight: 100, bake: 1d, abort_alert: ready-burn}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: canary -->
    ```yaml
    steps:
      - {weight: 10, bake: 4h, abort_alert: ready-burn}
      - {weight: 100, bake: 1d, abort_alert: ready-burn}
    ```
"""

from collections.abc import Iterator
from itertools import pairwise

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for kind in ("canary", "rl_rollout"):
        for rollout in charter.entries(kind):
            weights = [step.weight for step in rollout.value.steps]
            for n, (before, after) in enumerate(pairwise(weights), 1):
                if after <= before:
                    message = f"a step of `{kind}` has {after:g} % of traffic, after {before:g} %"
                    yield rollout.finding(f"{message}; increase it", "steps", n, "weight")
            if weights[-1] != 100:
                message = f"the steps of `{kind}` end at {weights[-1]:g} %; end at 100 %"
                yield rollout.finding(message, "steps", len(weights) - 1, "weight")
