"""Something registered has no backup, or one that is made more rarely than `rpo` allows.

After a fire, what has no backup is gone; what is copied weekly is a week old.

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
    kept = {entry.value.kind for entry in charter.entries("registry")}
    kept |= set(release.value.required) if release else set()
    for restore in charter.entries("dr"):
        for kind in sorted(kept - {backup.kind for backup in restore.value.backups}):
            message = f"`dr` has no backup of kind `{kind}`, which is registered; add one"
            yield restore.finding(message, "backups")
        lost = promql.seconds(restore.value.rpo)
        for n, backup in enumerate(restore.value.backups):
            every = promql.seconds(backup.schedule)
            if every > lost:
                message = f"the backup of `{backup.kind}` every {backup.schedule} cannot hold"
                why = f"an `rpo` of {restore.value.rpo}; make it more often"
                yield restore.finding(f"{message} {why}", "backups", n, "schedule")
            if promql.seconds(backup.retention) < every:
                message = (
                    f"the backup of `{backup.kind}` is deleted before the next; keep it longer"
                )
                yield restore.finding(message, "backups", n, "retention")
