"""The reward is not shown to lead to its objective, or its review is overdue.

The objective and the proxy are metrics. If there is a floor, a gate on `rank-agreement` at it shows
that policies with a higher proxy also reach more of the objective. Shaping names its potential,
since shaping without one changes the optimal policy. Somebody other than the author reviews the
reward as often as the documents.

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

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
_METRIC = "rank-agreement"


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("reward_spec")
    if entry is None:
        return
    spec = entry.value
    if (spec.shaping == "none") != (spec.potential is None):
        missing = spec.potential is None
        problem = (
            "but `potential` is null; name it" if missing else "but has a potential; remove it"
        )
        yield entry.finding(f"the shaping is `{spec.shaping}`, {problem}", "potential")
    age = (charter.today - spec.reviewed_on).days
    if charter.needs_review(spec.reviewed_on):
        message = f"the reward was last reviewed {age} days ago"
        remedy = f"review it every {charter.settings.review_days} days, not by its author"
        yield entry.finding(f"{message}; {remedy}", "reviewed_on")
    if spec.rank_floor is not None and charter.settled("gates"):
        gates = [gate.value for gate in charter.entries("gates") if gate.value.metric == _METRIC]
        blocking = [g for g in gates if g.op == ">=" and g.on_fail == "block"]
        if not any(gate.threshold == spec.rank_floor for gate in blocking):
            gated = ", ".join(f"`{gate.id}` {gate.op} {gate.threshold:g}" for gate in gates)
            message = f"no blocking gate requires `{_METRIC}` >= {spec.rank_floor:g}"
            remedy = f"there is {gated}; make them match" if gates else "add it to `gates`"
            yield entry.finding(f"{message}; {remedy}", "rank_floor")
    process = charter.entry("mdp")
    if process is not None and not process.value.reward.startswith("reward/"):
        message = f"`{process.value.reward}` is not a reward; give `reward/<name>@sha256:…`"
        yield process.finding(message, "reward")
