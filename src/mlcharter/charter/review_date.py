"""Who answers for a document, and when it was last reviewed: the fields that the rules ask for."""

import datetime

from mlcharter.markdown.document import Field


def reviewed_on(field: Field) -> datetime.date | None:
    """The day in `Reviewed: 2026-11-23 by @ada`; None where it does not begin with one."""
    day = field.value.split(None, 1)[:1]
    try:
        return datetime.date.fromisoformat(day[0]) if day and len(day[0]) == 10 else None
    except ValueError:
        return None
