"""A deadline for reporting an incident has not been checked against its source for too long.

Deadlines change: California had none before 2026. They are reviewed as often as the documents.

Flagged:

    <!-- config: incident_clocks -->
    ```yaml
    - id: gdpr-breach
      covers: personal-data
      starts: we become aware of a breach
      deadlines: [{within: 72h, report: to the authority}]
      source: Regulation (EU) 2016/679, Art. 33
      as_of: 2025-11-01
      checked_on: 2025-11-16
    ```

Fine:

    <!-- config: incident_clocks -->
    ```yaml
    - id: gdpr-breach
      covers: personal-data
      starts: we become aware of a breach
      deadlines: [{within: 72h, report: to the authority}]
      source: Regulation (EU) 2016/679, Art. 33
      as_of: 2026-11-01
      checked_on: 2026-11-16
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    days = charter.settings.review_days
    for entry in charter.entries("incident_clocks"):
        clock = entry.value
        if charter.needs_review(clock.checked_on):
            age = (charter.today - clock.checked_on).days
            message = f"`{clock.id}` was checked {age} days ago, but is due every {days} days"
            yield entry.finding(f"{message}; read `source` again", "checked_on")
