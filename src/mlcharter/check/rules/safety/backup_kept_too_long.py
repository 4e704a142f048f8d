"""A backup keeps personal data longer than `pii_map` allows.

A restore brings back personal data that had to be deleted.

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
_ROW_KINDS = frozenset(["dataset", "experience", "feature"])


def check(charter: Charter) -> Iterator[Finding]:
    personal = [
        entry
        for entry in charter.entries("pii_map")
        if entry.value.category != "none" and entry.value.retention_days is not None
    ]
    if not personal:
        return
    shortest = min(personal, key=lambda entry: int(entry.value.retention_days))
    days = shortest.value.retention_days
    for dr in charter.entries("dr"):
        for n, backup in enumerate(dr.value.backups):
            if backup.kind in _ROW_KINDS and promql.to_seconds(backup.retention) > days * 86400:
                message = f"the backup of `{backup.kind}` is kept for {backup.retention}, but"
                why = f"`pii_map` keeps `{shortest.value.field}` of `{shortest.value.dataset}`"
                remedy = "shorten `retention`"
                yield dr.finding(
                    f"{message} {why} for {days} days; {remedy}", "backups", n, "retention"
                )
