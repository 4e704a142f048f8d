"""A rollback leaves out a part of the release, or takes longer than a restore.

A model that is rolled back alone runs with a retriever or a reward that it was not evaluated with.
A rollback must be at least as fast as a restore from backup, and lose no more data.

Flagged:

    --- ops/runbook.md
    <!-- config: rollback -->
    ```yaml
    {command: make rollback, rto: 5m, rpo: 1s, targets: [model], drilled_on: 2026-11-10,
      drill_max_age_days: 92, evidence: reports/drill.log}
    ```

    --- versioning/registries.md
    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: release-1
    required: [model, dataset]
    members: [model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37]
    gates: [auc]
    approved_by: ["@acme/board"]
    approved_on: 2026-11-23
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: rollback -->
    ```yaml
    {command: make rollback, rto: 5h, rpo: 1s, targets: [model], drilled_on: 2026-11-10,
      drill_max_age_days: 92, evidence: reports/drill.log}
    ```

    <!-- config: dr -->
    ```yaml
    {backups: [{kind: model, store: vault, schedule: 1d, retention: 1w}], rto: 4h, rpo: 1d,
      script: make restore, drilled_on: 2026-11-10, drill_max_age_days: 92,
      evidence: reports/drill.log}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: rollback -->
    ```yaml
    {command: make rollback, rto: 5m, rpo: 1s, targets: [model, dataset],
      drilled_on: 2026-11-10, drill_max_age_days: 92, evidence: reports/drill.log}
    ```

    --- versioning/registries.md
    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: release-1
    required: [model, dataset]
    members: [model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37]
    gates: [auc]
    approved_by: ["@acme/board"]
    approved_on: 2026-11-23
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    release = charter.entry("joint_release")
    dr = charter.entry("dr")
    for rollback in charter.entries("rollback"):
        released = set(release.value.required) if release else set()
        released |= {ref.partition("/")[0] for ref in release.value.members} if release else set()
        for kind in sorted(released - set(rollback.value.targets)):
            message = f"`rollback` leaves out `{kind}`, which `joint_release` has"
            yield rollback.finding(f"{message}; add it to `targets`", "targets")
        for key in ("rto", "rpo"):
            rollback_time = getattr(rollback.value, key)
            restore_time = getattr(dr.value, key) if dr else rollback_time
            if promql.to_seconds(rollback_time) > promql.to_seconds(restore_time):
                message = f"`rollback` has a longer `{key}` ({rollback_time}) than `dr`"
                yield rollback.finding(f"{message} ({restore_time}); correct one of them", key)
