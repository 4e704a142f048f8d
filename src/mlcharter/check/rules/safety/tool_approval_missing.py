"""A tool that can change something is not approved, or contradicts itself.

A model can be tricked into a call, and a destructive call cannot be undone: it needs the approval
of a person. Other tools that write need at least the approval `policy`. A read-only tool cannot be
destructive or have a scope that writes.

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
_WORD = re.compile(r"[a-z]+")
_WRITE_WORDS = frozenset(["write", "delete", "create", "update", "admin"])


def check(charter: Charter) -> Iterator[Finding]:
    for tool in charter.entries("tools"):
        value = tool.value
        if value.destructive and value.approval != "human":
            message = f"{tool.subject} is destructive, but its approval is `{value.approval}`"
            yield tool.finding(f"{message}; use `human`", "approval")
        if value.destructive and value.read_only:
            message = f"{tool.subject} is destructive and read-only; correct one of them"
            yield tool.finding(message, "read_only")
        write_scopes = [
            scope for scope in value.scopes if _WRITE_WORDS.intersection(_WORD.findall(scope))
        ]
        if value.read_only and write_scopes:
            message = f"{tool.subject} is read-only but has the scope `{write_scopes[0]}`"
            yield tool.finding(f"{message}; correct one of them", "read_only")
        if not value.read_only and value.approval == "none":
            message = f"{tool.subject} can write, but its approval is `none`"
            yield tool.finding(f"{message}; use `policy` or `human`", "approval")
