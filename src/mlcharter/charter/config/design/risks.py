"""Risks of the system, each with the control that reduces it.

`control` is the id of a gate, an alert, a threat or a degrade mode.
A high residual risk needs `accepted_by`, and `until`, the date on which that ends.
"""

from mlcharter.formats.directions import ANY, LESS, MORE, NAME, PERSON
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
WEAKER = {
    "*": LESS,
    "id": NAME,
    "severity": LESS,
    "likelihood": LESS,
    "owner": PERSON,
    "control": ANY,
    "residual": MORE,
    "accepted_by": PERSON,
    "until": MORE,
}
