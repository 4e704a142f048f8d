"""The date of a completed action, such as a drill or a review, is in the future.

A drill with a future date counts as done although nobody has run it.

Flagged:

    --- ops/runbook.md
    <!-- config: rollback -->
    ```yaml
    {command: make rollback, rto: 5m, rpo: 1s, targets: [model], drilled_on: 2027-01-10,
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

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
_DATE_KEYS = {
    "dr": "drilled_on",
    "filters": "tuned_on",
    "joint_release": "approved_on",
    "redteam": "reviewed_on",
    "regulatory": "checked_on",
    "reward_spec": "reviewed_on",
    "rollback": "drilled_on",
    "supply_chain": "secrets_rotated_on",
}


def check(charter: Charter) -> Iterator[Finding]:
    for kind, key in _DATE_KEYS.items():
        for entry in charter.entries(kind):
            date = getattr(entry.value, key)
            if date > charter.latest:
                message = f"{entry.subject} has a `{key}` in the future, {date}"
                yield entry.finding(f"{message}; give the date on which it was done", key)
