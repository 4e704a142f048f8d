"""The review of the regulation is overdue, or a duty applies before its source was adopted.

Dates on which duties apply have been moved before, so they are reviewed as often as the documents.

Flagged:

    <!-- config: regulatory -->
    ```yaml
    role: provider
    risk: minimal
    annex_iii: null
    assessment: null
    oversight: null
    duties: []
    checked_on: 2025-11-16
    checked_by: "@acme/counsel"
    ```

Flagged:

    <!-- config: regulatory -->
    ```yaml
    role: provider
    risk: minimal
    annex_iii: null
    assessment: null
    oversight: null
    duties:
      - {duty: AI literacy, applies_from: 2023-02-02, source: "Regulation (EU) 2024/1689, Art. 4"}
    checked_on: 2026-11-16
    checked_by: "@acme/counsel"
    ```

Fine:

    <!-- config: regulatory -->
    ```yaml
    role: provider
    risk: minimal
    annex_iii: null
    assessment: null
    oversight: null
    duties:
      - {duty: AI literacy, applies_from: 2025-02-02, source: "Regulation (EU) 2024/1689, Art. 4"}
    checked_on: 2026-11-16
    checked_by: "@acme/counsel"
    ```
"""

import re
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
_ACT = re.compile(r"\(EU\) (\d{4})/\d+")  # the year in which the act was adopted


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("regulatory")
    if entry is None:
        return
    law = entry.value
    days = charter.settings.review_days
    age = (charter.today - law.checked_on).days
    if charter.needs_review(law.checked_on):
        message = f"the regulation was reviewed {age} days ago, but is due every {days} days"
        yield entry.finding(f"{message}; have it reviewed again", "checked_on")
    for n, duty in enumerate(law.duties):
        year = _ACT.search(duty.source)
        if year is not None and duty.applies_from.year < int(year[1]):
            message = f"this duty applies from {duty.applies_from}, before its source, {year[0]}"
            yield entry.finding(f"{message}, was adopted; correct it", "duties", n, "applies_from")
