"""A field with personal data has no purpose, basis, retention or region, or a wrong one.

Personal data needs a purpose, a legal basis, a retention time and a region, and direct identifiers
must be redacted. Each place in `region` must be in the answer `regions`, and the categories must
match the answer `personal_data`.

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
_SEPARATOR = re.compile(r",|/|;|&|\band\b")
_CATEGORIES = {
    "none": ("none",),
    "pseudonymous": ("none", "quasi", "sensitive"),
    "direct": ("none", "quasi", "sensitive", "direct"),
}  # by the answer `personal_data`; `sensitive` and `unassessed` exclude nothing


def check(charter: Charter) -> Iterator[Finding]:
    answers = charter.answers.values
    allowed = _split_places(str(answers["regions"])) if "regions" in answers else None
    answer = str(answers.get("personal_data", "unassessed"))
    for entry in charter.entries("pii_map"):
        value = entry.value
        name = f"`pii_map`: `{value.field}` of `{value.dataset}`"
        if value.category not in _CATEGORIES.get(answer, (value.category,)):
            message = f"{name} is `{value.category}`, but the answer `personal_data` is `{answer}`"
            yield entry.finding(f"{message}; correct one of them", "category")
        if value.category != "none":
            yield from _check_rules(entry, name)
        elif value.redaction != "none" or any(getattr(value, key) is not None for key in _KEYS):
            message = f"{name} has the category `none`, but rules for personal data"
            yield entry.finding(f"{message}; correct the category or set them to null", "category")
        if allowed is not None and value.region is not None:
            for place in sorted(_split_places(value.region) - allowed):
                message = f"{name} is stored in `{place}`, which is not in the answer `regions`"
                yield entry.finding(f"{message}; move it or correct one of them", "region")


def _check_rules(entry: Entry, name: str) -> Iterator[Finding]:
    missing = [key for key in _KEYS if getattr(entry.value, key) is None]
    if missing:
        shown = ", ".join(f"`{key}`" for key in missing)
        message = f"{name} is personal (`{entry.value.category}`) but lacks {shown}"
        yield entry.finding(f"{message}; add what is decided", missing[0])
    if entry.value.category == "direct" and entry.value.redaction == "none":
        message = f"{name} identifies a person but is not redacted; drop, hash or mask it"
        yield entry.finding(message, "redaction")


def _split_places(text: str) -> set[str]:
    return {place.strip().lower() for place in _SEPARATOR.split(text)} - {""}
