"""A backup keeps data for longer than personal data may be kept.

Whoever was deleted comes back with the next restore.

Flagged:

    --- ops/runbook.md
    <!-- config: dr -->
    ```yaml
    {backups: [{kind: dataset, store: vault, schedule: 1d, retention: 104w}], rto: 4h, rpo: 1d,
      script: make restore, drilled_on: 2026-11-10, drill_max_age_days: 92,
      evidence: reports/drill.log}
    ```

    --- safety/safety_checklist.md
    <!-- config: pii_map -->
    ```yaml
    - {dataset: calls, field: number, category: direct, purpose: to call back, basis: contract,
        retention_days: 30, redaction: hash, region: Ireland}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: dr -->
    ```yaml
    {backups: [{kind: dataset, store: vault, schedule: 1d, retention: 4w}], rto: 4h, rpo: 1d,
      script: make restore, drilled_on: 2026-11-10, drill_max_age_days: 92,
      evidence: reports/drill.log}
    ```

    --- safety/safety_checklist.md
    <!-- config: pii_map -->
    ```yaml
    - {dataset: calls, field: number, category: direct, purpose: to call back, basis: contract,
        retention_days: 30, redaction: hash, region: Ireland}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"
_ROWS = frozenset(["dataset", "experience", "feature"])


def check(charter: Charter) -> Iterator[Finding]:
    personal = [
        entry
        for entry in charter.entries("pii_map")
        if entry.value.category != "none" and entry.value.retention_days is not None
    ]
    if not personal:
        return
    first = min(personal, key=lambda entry: int(entry.value.retention_days))
    days = first.value.retention_days
    for restore in charter.entries("dr"):
        for n, backup in enumerate(restore.value.backups):
            if backup.kind in _ROWS and promql.seconds(backup.retention) > days * 86400:
                message = f"the backup of `{backup.kind}` is kept for {backup.retention}, and"
                why = f"`pii_map` keeps `{first.value.field}` of `{first.value.dataset}`"
                remedy = "delete it from backups in time"
                yield restore.finding(
                    f"{message} {why} for {days} days; {remedy}", "backups", n, "retention"
                )
