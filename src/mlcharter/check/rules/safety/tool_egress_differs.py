"""The hosts of the tools do not match the egress allowlist.

A call to a host that is not in `egress` is refused, and the tool fails. A host that nothing uses is
an unnecessary way out for data. If a vendor or a service (of an SLO) needs a host, name it in
`used_by`.

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
                message = f"{tool.subject} uses `{host}`, which is not in `egress`"
                yield tool.finding(
                    f"{message}; add it there or remove it from the tool", "egress", n
                )
    users = {*charter.named("vendors"), *charter.named("tools")}
    users |= {slo.value.service for slo in charter.every("slos")}
    for entry in charter.entries("egress"):
        host, user = entry.value.host, entry.value.used_by
        if user is not None and user not in users and charter.settled("vendors", "tools", "slos"):
            message = (
                f"`egress` allows `{host}` for `{user}`, which is not a vendor, tool or service"
            )
            yield entry.finding(f"{message}; correct it", "used_by")
        elif user is None and host not in used and charter.settled("tools"):
            message = f"`egress` allows `{host}`, which no tool uses"
            yield entry.finding(f"{message}; remove it, or name its user in `used_by`", "host")
