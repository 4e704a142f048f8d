"""A document was not reviewed within the interval that the settings set.

An outdated runbook may send people to a host that no longer exists.

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

from mlcharter.charter.charter import Charter
from mlcharter.charter.review_date import reviewed_on
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    days = charter.settings.review_days
    for document in charter.documents:
        field = document.field("Reviewed")
        date = reviewed_on(field) if field else None
        if field is None or date is None:
            continue
        if date > charter.latest:
            message = f"`Reviewed: {date}` is in the future; correct the date"
            yield document.finding(field.line, message, field.column)
        elif charter.needs_review(date):
            message = f"the last review, {date}, is older than {days} days; review it again"
            yield document.finding(field.line, message, field.column)
    yield from _check_not_applicable(charter)


def _check_not_applicable(charter: Charter) -> Iterator[Finding]:
    """Yield findings about parts that do not apply and have no document with a review date."""
    own = charter.settings.own
    for name, entry in own.settings.not_applicable.items():
        if entry.reviewed is None and charter.document(name) is None and name.endswith(".md"):
            message = f"`not_applicable` of `{name}` has no `reviewed`; write when it was decided"
        elif entry.reviewed is not None and entry.reviewed > charter.latest:
            message = f"`reviewed: {entry.reviewed}` of `{name}` is in the future; correct the date"
        elif entry.reviewed is not None and charter.needs_review(entry.reviewed):
            older = f"is older than {charter.settings.review_days} days; review it again"
            message = f"the review of `{name}` as not applicable, {entry.reviewed}, {older}"
        else:
            continue
        yield own.finding(message, "not_applicable", name)
