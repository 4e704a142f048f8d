"""A registered kind has no backup, or its backups are too rare or deleted too early.

Without a backup, data is lost in a disaster. `rpo` is the most that may be lost, so backups must
run at least that often. A backup must be kept until the next one exists.

Flagged:

    --- ops/runbook.md
    <!-- config: dr -->
    ```yaml
    {backups: [{kind: model, store: vault, schedule: 1w, retention: 12w}], rto: 4h, rpo: 1d,
      script: make restore, drilled_on: 2026-11-10, drill_max_age_days: 92,
      evidence: reports/drill.log}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: dr -->
    ```yaml
    {backups: [{kind: model, store: vault, schedule: 1d, retention: 12w}], rto: 4h, rpo: 1d,
      script: make restore, drilled_on: 2026-11-10, drill_max_age_days: 92,
      evidence: reports/drill.log}
    ```

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: MIT, card: null, datasets: [],
        embedder: null, stage: released, owner: "@acme/ops"}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: dr -->
    ```yaml
    {backups: [{kind: eval, store: vault, schedule: 1d, retention: 12w}], rto: 4h, rpo: 1d,
      script: make restore, drilled_on: 2026-11-10, drill_max_age_days: 92,
      evidence: reports/drill.log}
    ```

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: MIT, card: null, datasets: [],
        embedder: null, stage: released, owner: "@acme/ops"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    release = charter.entry("joint_release")
    registered = {entry.value.kind for entry in charter.entries("registry")}
    registered |= set(release.value.required) if release else set()
    for dr in charter.entries("dr"):
        for kind in sorted(registered - {backup.kind for backup in dr.value.backups}):
            message = f"`dr` has no backup of kind `{kind}`, which is registered; add one"
            yield dr.finding(message, "backups")
        rpo = promql.to_seconds(dr.value.rpo)
        for n, backup in enumerate(dr.value.backups):
            interval = promql.to_seconds(backup.schedule)
            if interval > rpo:
                message = (
                    f"the backup of `{backup.kind}` runs every {backup.schedule}, but `rpo` is"
                )
                why = f"{dr.value.rpo}; run it more often"
                yield dr.finding(f"{message} {why}", "backups", n, "schedule")
            if promql.to_seconds(backup.retention) < interval:
                message = (
                    f"the backup of `{backup.kind}` is deleted before the next one; keep it longer"
                )
                yield dr.finding(message, "backups", n, "retention")
