"""What a policy is paid for was not shown to be what is wanted.

The objective and the proxy are metrics; that more of the one is more of the other is gated as
`rank-agreement`, on the floor that stands here. A shaping names its potential: any other one
changes what is best. Somebody who did not write it looks at it as often as at the documents.

Flagged:

    <!-- config: reward_spec -->
    ```yaml
    {objective: delivered, proxy: progress, shaping: potential, potential: null, rank_floor: 0.9,
      counter_examples: [tests/test_reward.py], label_kappa: null, reviewed_by: "@acme/rl",
      reviewed_on: 2026-11-09}
    ```

Flagged:

    <!-- config: reward_spec -->
    ```yaml
    {objective: delivered, proxy: progress, shaping: none, potential: null, rank_floor: 0.9,
      counter_examples: [tests/test_reward.py], label_kappa: null, reviewed_by: "@acme/rl",
      reviewed_on: 2026-11-09}
    ```

    <!-- config: gates -->
    ```yaml
    - {id: rank, metric: rank-agreement, dataset: quay, slice: honest, op: ">=", threshold: 0.5,
        bound: point, min_n: 10, on_fail: block, decided_on: 2026-11-09, rationale: less misleads}
    ```

Fine:

    <!-- config: reward_spec -->
    ```yaml
    {objective: delivered, proxy: progress, shaping: none, potential: null, rank_floor: 0.9,
      counter_examples: [tests/test_reward.py], label_kappa: null, reviewed_by: "@acme/rl",
      reviewed_on: 2026-11-09}
    ```

    <!-- config: gates -->
    ```yaml
    - {id: rank, metric: rank-agreement, dataset: quay, slice: honest, op: ">=", threshold: 0.9,
        bound: point, min_n: 10, on_fail: block, decided_on: 2026-11-09, rationale: less misleads}
    ```
"""

from collections.abc import Iterator
from datetime import timedelta

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
_RANK = "rank-agreement"


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("reward_spec")
    if entry is None:
        return
    spec = entry.value
    if (spec.shaping == "none") != (spec.potential is None):
        message = f"the shaping is `{spec.shaping}`"
        remedy = "say by which potential" if spec.potential is None else "remove the potential"
        yield entry.finding(f"{message}; {remedy}", "potential")
    age = (charter.today - spec.reviewed_on).days
    if spec.reviewed_on + timedelta(days=charter.settings.review_days) < charter.earliest:
        message = f"the reward was reviewed {age} days ago"
        remedy = f"have somebody else look at it every {charter.settings.review_days}"
        yield entry.finding(f"{message}; {remedy}", "reviewed_on")
    if charter.settled("gates"):
        gates = [gate.value for gate in charter.entries("gates") if gate.value.metric == _RANK]
        rising = [g for g in gates if g.op == ">=" and g.on_fail == "block"]
        if not any(gate.threshold == spec.rank_floor for gate in rising):
            there = ", ".join(f"`{gate.id}` {gate.op} {gate.threshold:g}" for gate in gates)
            message = f"no blocking gate holds `{_RANK}` to the floor of {spec.rank_floor:g}"
            remedy = f"there is {there}; make them agree" if gates else "add it to `gates`"
            yield entry.finding(f"{message}; {remedy}", "rank_floor")
    process = charter.entry("mdp")
    if process is not None and not process.value.reward.startswith("reward/"):
        message = f"`{process.value.reward}` is no reward; give `reward/<name>@sha256:…`"
        yield process.finding(message, "reward")
