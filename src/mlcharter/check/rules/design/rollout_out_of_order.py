"""A step of the launch is missing or out of order.

Off-policy evaluation on logs comes first, then a shadow whose output is not used, then a canary
with a share of the traffic. Without logs there is no `ope`; the other steps are required.

Flagged:

    <!-- config: decision -->
    ```yaml
    success: [{metric: approved-share, op: ">=", threshold: 0.8, bound: lower95}]
    kill: [{when: nobody uses it, alert: null, by: 2027-06-30}]
    steps: [canary, full]
    adr: docs/adr/order-only.md
    ```

Flagged:

    <!-- config: decision -->
    ```yaml
    success: [{metric: approved-share, op: ">=", threshold: 0.8, bound: lower95}]
    kill: [{when: nobody uses it, alert: null, by: 2027-06-30}]
    steps: [canary, shadow, full]
    adr: docs/adr/order-only.md
    ```

Fine:

    <!-- config: decision -->
    ```yaml
    success: [{metric: approved-share, op: ">=", threshold: 0.8, bound: lower95}]
    kill: [{when: nobody uses it, alert: null, by: 2027-06-30}]
    steps: [shadow, canary, full]
    adr: docs/adr/order-only.md
    ```
"""

from collections.abc import Iterator
from itertools import pairwise

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
_ORDER = ("ope", "shadow", "canary", "full")


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("decision")
    if entry is None:
        return
    steps = entry.value.steps
    needed = _ORDER if charter.configs("ope") or charter.configs("mdp") else _ORDER[1:]
    for step in needed:
        if step not in steps:
            message = f"`decision` has no step `{step}`; use {', '.join(needed)}"
            yield entry.finding(message, "steps")
    for n, (before, after) in enumerate(pairwise(steps), 1):
        if _ORDER.index(before) >= _ORDER.index(after):
            message = f"`{after}` comes after `{before}`; keep the order {', '.join(needed)}"
            yield entry.finding(message, "steps", n)
