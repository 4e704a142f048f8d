"""Read the date in the `Reviewed:` field of a document."""

import datetime

from mlcharter.markdown.checklist import parse_date
from mlcharter.markdown.document import Field


def reviewed_on(field: Field) -> datetime.date | None:
    """Return the date in `Reviewed: 2026-11-23 by @ada`; None if it does not begin with one."""
    return parse_date(next(iter(field.value.split(None, 1)), ""))
