"""A field with personal data has no purpose, no end, or lies where it may not.

What is kept without a reason and a day is kept for ever, and found by whoever breaks in.
Each place in `region` must stand in the regions that were answered at founding.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: pii_map -->
    ```yaml
    - {dataset: calls, field: number, category: direct, purpose: to call back, basis: contract,
        retention_days: null, redaction: hash, region: Ireland}
    ```

Flagged:

    --- .copier-answers.yml
    layout: full
    personal_data: direct
    project_name: Fraud watch
    regions: Ireland and Germany
    tier: production
    tracks: [applied]
    --- safety/safety_checklist.md
    <!-- config: pii_map -->
    ```yaml
    - {dataset: calls, field: number, category: direct, purpose: to call back, basis: contract,
        retention_days: 30, redaction: hash, region: Ireland and Utah}
    ```

Flagged:

    --- .copier-answers.yml
    layout: full
    personal_data: none
    project_name: Fraud watch
    tier: production
    tracks: [applied]
    --- safety/safety_checklist.md
    <!-- config: pii_map -->
    ```yaml
    - {dataset: calls, field: number, category: direct, purpose: to call back, basis: contract,
        retention_days: 30, redaction: hash, region: Ireland}
    ```

Fine:

    --- .copier-answers.yml
    layout: full
    personal_data: direct
    project_name: Fraud watch
    regions: Ireland and Germany
    tier: production
    tracks: [applied]
    --- safety/safety_checklist.md
    <!-- config: pii_map -->
    ```yaml
    - {dataset: calls, field: number, category: direct, purpose: to call back, basis: contract,
        retention_days: 30, redaction: hash, region: Ireland}
    - {dataset: cells, field: "*", category: none, purpose: null, basis: null,
        retention_days: null, redaction: none, region: null}
    ```
"""

import re
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"
_KEYS = ("purpose", "basis", "retention_days", "region")
_BETWEEN = re.compile(r",|/|;|&|\band\b")
_SEEN = {
    "none": ("none",),
    "pseudonymous": ("none", "quasi", "sensitive"),
    "direct": ("none", "quasi", "sensitive", "direct"),
}  # by the answer `personal_data`; `sensitive` and `unassessed` exclude nothing


def check(charter: Charter) -> Iterator[Finding]:
    answers = charter.answers.values
    allowed = _places(str(answers["regions"])) if "regions" in answers else None
    seen = str(answers.get("personal_data", "unassessed"))
    for entry in charter.entries("pii_map"):
        value = entry.value
        name = f"`pii_map`: `{value.field}` of `{value.dataset}`"
        if value.category not in _SEEN.get(seen, (value.category,)):
            message = f"{name} is `{value.category}`, and the answer `personal_data` is `{seen}`"
            yield entry.finding(f"{message}; correct one of the two", "category")
        if value.category != "none":
            yield from _ruled(entry, name)
        elif value.redaction != "none" or any(getattr(value, key) is not None for key in _KEYS):
            message = f"{name} is said to hold nothing personal, and has rules for it"
            yield entry.finding(f"{message}; correct the category, or empty them", "category")
        if allowed is not None and value.region is not None:
            for place in sorted(_places(value.region) - allowed):
                message = f"{name} lies in `{place}`, which is no region of the answer `regions`"
                yield entry.finding(f"{message}; move it, or correct one of the two", "region")


def _ruled(entry: Entry, name: str) -> Iterator[Finding]:
    for key in _KEYS:
        if getattr(entry.value, key) is None:
            message = f"{name} is personal (`{entry.value.category}`) and has no `{key}`; give it"
            yield entry.finding(message, key)
    if entry.value.category == "direct" and entry.value.redaction == "none":
        message = f"{name} names a person, and nothing is redacted; drop, hash or mask it"
        yield entry.finding(message, "redaction")


def _places(text: str) -> set[str]:
    return {place.strip().lower() for place in _BETWEEN.split(text)} - {""}
