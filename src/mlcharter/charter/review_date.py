"""Read the date in the `Reviewed:` field of a document."""

import datetime

from mlcharter.markdown.document import Field


def reviewed_on(field: Field) -> datetime.date | None:
    """Return the date in `Reviewed: 2026-11-23 by @ada`; None if it does not begin with one."""
    date = field.value.split(None, 1)[:1]
    try:
        return datetime.date.fromisoformat(date[0]) if date and len(date[0]) == 10 else None
    except ValueError:
        return None
