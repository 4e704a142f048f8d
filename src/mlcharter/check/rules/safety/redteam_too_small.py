"""The red-team suite is too small, or its gate decides on fewer attacks.

If none of four attacks succeeds, the true success rate may still be high. Attacks are the lines of
a JSONL suite.

Flagged:

    --- data/attacks.jsonl
    {"id": "i001"}
    --- safety/safety_checklist.md
    <!-- config: redteam -->
    ```yaml
    {suite: data/attacks.jsonl, metric: injection-success, ceiling: 0.1, bound: upper95,
      categories: [{id: indirect, min_n: 40}], reviewed_on: 2026-11-22}
    ```

Flagged:

    --- safety/safety_checklist.md
    <!-- config: redteam -->
    ```yaml
    {suite: data/attacks.jsonl, metric: injection-success, ceiling: 0.1, bound: upper95,
      categories: [{id: indirect, min_n: 40}], reviewed_on: 2026-11-22}
    ```
    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: injection, metric: injection-success, dataset: attacks, slice: all, op: "<=",
        threshold: 0.1, bound: upper95, min_n: 4, on_fail: block, decided_on: 2026-11-09,
        rationale: agreed}
    ```

Fine:

    --- data/attacks.jsonl
    {"id": "i001"}
    {"id": "i002"}
    --- safety/safety_checklist.md
    <!-- config: redteam -->
    ```yaml
    {suite: data/attacks.jsonl, metric: injection-success, ceiling: 0.1, bound: upper95,
      categories: [{id: indirect, min_n: 2}], reviewed_on: 2026-11-22}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    gates_of: dict[str, list[Entry]] = {}
    for gate in charter.entries("gates"):
        gates_of.setdefault(gate.value.metric, []).append(gate)
    largest_n = {
        metric: max(gate.value.min_n for gate in gates) for metric, gates in gates_of.items()
    }
    for suite in charter.entries("redteam"):
        required = sum(category.min_n for category in suite.value.categories)
        path = suite.value.suite
        attacks = charter.once(_count_attacks, path)
        if attacks is not None and attacks < required:
            message = f"`{path}` has {attacks} attacks, but `redteam` requires {required}"
            yield suite.finding(f"{message}; add attacks", "suite")
        if largest_n.get(suite.value.metric, required) < required:
            subject = gates_of[suite.value.metric][0].subject
            message = f"`redteam` requires {required} attacks, but {subject} decides on fewer"
            yield suite.finding(f"{message}; raise its `min_n`", "categories")


def _count_attacks(charter: Charter, path: str) -> int | None:
    """Return the number of attacks in a JSONL file; None if it can't be read."""
    data = charter.file(path) if path.endswith(".jsonl") else None
    if not isinstance(data, bytes):
        return None
    return sum(1 for line in data.splitlines() if line.strip())
