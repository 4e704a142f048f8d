"""What may go wrong, and the gate, alert, threat or mode that answers it.

`control` is the id of that answer; a high residual risk needs someone who accepted it, and a day.
"""

from mlcharter.formats.models import Date, Entry, Id, Level, Owner


class Risk(Entry, frozen=True, kw_only=True):
    id: Id
    severity: Level
    likelihood: Level
    owner: Owner
    control: Id
    residual: Level
    accepted_by: Owner | None
    until: Date | None


MODEL = list[Risk]
