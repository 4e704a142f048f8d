"""The last drill of a rollback or a restore is too old.

A command that was last run months ago may no longer work. `drill_max_age_days` gives the longest
time between two drills.

Flagged:

    --- ops/runbook.md
    <!-- config: rollback -->
    ```yaml
    {command: make rollback, rto: 5m, rpo: 1s, targets: [model], drilled_on: 2026-08-10,
      drill_max_age_days: 92, evidence: reports/drill.log}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: rollback -->
    ```yaml
    {command: make rollback, rto: 5m, rpo: 1s, targets: [model], drilled_on: 2026-11-10,
      drill_max_age_days: 92, evidence: reports/drill.log}
    ```
"""

from collections.abc import Iterator
from datetime import timedelta

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    for kind in ("rollback", "dr"):
        for entry in charter.entries(kind):
            drilled_on, limit = entry.value.drilled_on, entry.value.drill_max_age_days
            if drilled_on + timedelta(days=limit) < charter.earliest:
                message = f"the last drill of `{kind}` was on {drilled_on}, over {limit} days ago"
                yield entry.finding(f"{message}; run it again", "drilled_on")
