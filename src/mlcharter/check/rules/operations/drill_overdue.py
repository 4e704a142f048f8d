"""The last drill of a rollback or a restore is older than its config block allows.

A command that nobody has run for a quarter does not work on the night that it is needed.

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
            day, limit = entry.value.drilled_on, entry.value.drill_max_age_days
            if day + timedelta(days=limit) < charter.earliest:
                message = f"the last drill of `{kind}`, {day}, is older than {limit} days"
                yield entry.finding(f"{message}; run it again", "drilled_on")
