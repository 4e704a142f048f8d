"""The date of something done, such as a drill, a review or a decision, is in the future.

A drill with a future date counts as done although nobody has run it.

Flagged:

    --- ops/runbook.md
    <!-- config: rollback -->
    ```yaml
    {command: make rollback, rto: 5m, rpo: 1s, targets: [model], drilled_on: 2027-01-10,
      drill_max_age_days: 92, evidence: reports/drill.log}
    ```

Flagged:

    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: auc-overall, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.95,
        bound: lower95, min_n: 200, on_fail: block, decided_on: 2027-01-10, rationale: agreed}
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
    "gates": "decided_on",
    "incident_clocks": "checked_on",
    "joint_release": "approved_on",
    "ope": "decided_on",
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
            if date is not None and date > charter.latest:
                message = f"{entry.subject} has a `{key}` in the future, {date}"
                yield entry.finding(f"{message}; give the date on which it was done", key)
