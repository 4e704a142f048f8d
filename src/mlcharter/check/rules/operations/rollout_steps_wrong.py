"""The steps of a rollout do not rise from one to the next, or do not end with everyone.

A step that is smaller than the one before teaches nothing, and a rollout that ends at half leaves
two releases live for good.

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
                    message = f"a step of `{kind}` of {after:g} % follows one of {before:g} %"
                    yield rollout.finding(f"{message}; let them rise", "steps", n, "weight")
            if weights[-1] != 100:
                message = f"the steps of `{kind}` end at {weights[-1]:g} %; end them at 100"
                yield rollout.finding(message, "steps", len(weights) - 1, "weight")
