"""A tool and the list of hosts that may be reached do not fit each other.

A host that is not on the list is refused at run time, and the tool fails. A host that nothing uses
is a way out that nobody watches. What no tool needs says in `used_by` which vendor or which
service (of an SLO) does.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: tools -->
    ```yaml
    - {id: lookup, read_only: true, destructive: false, idempotent: true, scopes: [read],
        approval: none, timeout_s: 5, per_minute: 20, egress: [orders.acme.example]}
    ```

    <!-- config: egress -->
    ```yaml
    []
    ```

Flagged:

    --- safety/safety_checklist.md
    <!-- config: tools -->
    ```yaml
    []
    ```

    <!-- config: egress -->
    ```yaml
    - {host: orders.acme.example, port: 443, methods: [GET], reason: to look up orders,
        owner: "@acme/ops"}
    ```

Fine:

    --- safety/safety_checklist.md
    <!-- config: tools -->
    ```yaml
    - {id: lookup, read_only: true, destructive: false, idempotent: true, scopes: [read],
        approval: none, timeout_s: 5, per_minute: 20, egress: [orders.acme.example]}
    ```

    <!-- config: egress -->
    ```yaml
    - {host: orders.acme.example, port: 443, methods: [GET], reason: to look up orders,
        owner: "@acme/ops"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    allowed = {entry.value.host for entry in charter.every("egress")}
    used: set[str] = set()
    for tool in charter.entries("tools"):
        used |= set(tool.value.egress)
        for n, host in enumerate(tool.value.egress):
            if charter.settled("egress") and host not in allowed:
                message = f"{tool.subject} reaches `{host}`, which `egress` does not allow"
                yield tool.finding(
                    f"{message}; allow it there, or take it from the tool", "egress", n
                )
    users = {*charter.named("vendors"), *charter.named("tools")}
    users |= {slo.value.service for slo in charter.every("slos")}
    for entry in charter.entries("egress"):
        host, user = entry.value.host, entry.value.used_by
        if user is not None and user not in users and charter.settled("vendors", "tools", "slos"):
            message = f"`egress` allows `{host}` for `{user}`, which is no vendor, tool or service"
            yield entry.finding(f"{message}; correct the id", "used_by")
        elif user is None and host not in used and charter.settled("tools"):
            message = f"`egress` allows `{host}`, which no tool reaches"
            yield entry.finding(f"{message}; remove it, or say in `used_by` what does", "host")
