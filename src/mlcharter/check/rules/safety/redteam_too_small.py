"""The suite of attacks is smaller than the config block says, or its gate needs fewer.

None of four attacks got through: that proves next to nothing, and reads like safety. Attacks are
counted as lines of a JSONL suite.

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
    deciding: dict[str, list[Entry]] = {}
    for gate in charter.entries("gates"):
        deciding.setdefault(gate.value.metric, []).append(gate)
    most = {metric: max(gate.value.min_n for gate in gates) for metric, gates in deciding.items()}
    for suite in charter.entries("redteam"):
        wanted = sum(category.min_n for category in suite.value.categories)
        path = suite.value.suite
        held = charter.once(_attacks, path)
        if held is not None and held < wanted:
            message = f"`{path}` holds {held} attacks, and `redteam` wants {wanted}"
            yield suite.finding(f"{message}; add attacks", "suite")
        if most.get(suite.value.metric, wanted) < wanted:
            subject = deciding[suite.value.metric][0].subject
            message = f"`redteam` wants {wanted} attacks, and {subject} decides on fewer"
            yield suite.finding(f"{message}; raise its `min_n`", "categories")


def _attacks(charter: Charter, path: str) -> int | None:
    """How many attacks a file of lines holds; None where that can't be told."""
    data = charter.file(path) if path.endswith(".jsonl") else None
    if not isinstance(data, bytes):
        return None
    return sum(1 for line in data.splitlines() if line.strip())
