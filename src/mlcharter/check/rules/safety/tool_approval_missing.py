"""A tool that can destroy something needs no person's approval.

What a model was talked into at night cannot be taken back in the morning.
A tool that only reads destroys nothing, so it cannot be both.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: tools -->
    ```yaml
    - {id: refund, read_only: false, destructive: true, idempotent: false, scopes: [pay],
        approval: policy, timeout_s: 5, per_minute: 20, egress: []}
    ```

Flagged:

    --- safety/safety_checklist.md
    <!-- config: tools -->
    ```yaml
    - {id: refund, read_only: true, destructive: true, idempotent: false, scopes: [pay],
        approval: human, timeout_s: 5, per_minute: 20, egress: []}
    ```

Fine:

    --- safety/safety_checklist.md
    <!-- config: tools -->
    ```yaml
    - {id: refund, read_only: false, destructive: true, idempotent: false, scopes: [pay],
        approval: human, timeout_s: 5, per_minute: 20, egress: []}
    ```
"""

import re
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
_PART = re.compile(r"[a-z]+")
_WRITES = frozenset(["write", "delete", "create", "update", "admin"])


def check(charter: Charter) -> Iterator[Finding]:
    for tool in charter.entries("tools"):
        value = tool.value
        if value.destructive and value.approval != "human":
            message = f"{tool.subject} is destructive, and its approval is `{value.approval}`"
            yield tool.finding(f"{message}; make it `human`", "approval")
        if value.destructive and value.read_only:
            message = f"{tool.subject} is destructive and only reads; correct one of the two"
            yield tool.finding(message, "read_only")
        writing = [scope for scope in value.scopes if _WRITES.intersection(_PART.findall(scope))]
        if value.read_only and writing:
            message = f"{tool.subject} only reads, and may `{writing[0]}`"
            yield tool.finding(f"{message}; correct one of the two", "read_only")
        if not value.read_only and value.approval == "none":
            message = f"{tool.subject} writes, and nothing approves it"
            yield tool.finding(f"{message}; make its approval `policy` or `human`", "approval")
