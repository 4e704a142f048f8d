"""Nobody has reviewed a document within the interval that the settings set.

A runbook that was right last year sends people to a host that is gone.

Template:

    # Fraud watch: runbook

    Reviewed:

Flagged:

    # Fraud watch: runbook

    Reviewed: 2025-03-01 by @ada

Flagged:

    # Fraud watch: runbook

    Reviewed: 2031-03-01 by @ada

Fine:

    # Fraud watch: runbook

    Reviewed: 2026-11-23 by @ada
"""

from collections.abc import Iterator
from datetime import timedelta

from mlcharter.charter.charter import Charter
from mlcharter.charter.review_date import reviewed_on
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    days = charter.settings.review_days
    for document in charter.documents:
        field = document.field("Reviewed")
        day = reviewed_on(field) if field else None
        if field is None or day is None:
            continue
        if day > charter.latest:
            message = f"`Reviewed: {day}` lies in the future; correct it"
            yield document.finding(field.line, message, field.column)
        elif day + timedelta(days=days) < charter.earliest:
            message = f"the last review, {day}, is older than {days} days; review it again"
            yield document.finding(field.line, message, field.column)
