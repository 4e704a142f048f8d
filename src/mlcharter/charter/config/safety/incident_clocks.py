"""The deadlines by which the law or a contract requires an incident to be reported.

`as_of` is the date for which the template states the law, and `checked_on` the date on which
counsel read the source. `within` counts from `starts`, unless `report` says otherwise.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Date, Duration, Entry, Id, Part, Text


class Deadline(Part, frozen=True, kw_only=True):
    within: Duration
    report: Text


class IncidentClock(Entry, frozen=True, kw_only=True):
    id: Id
    covers: Literal[
        "personal-data",
        "health-data",
        "high-risk-ai",
        "network-security",
        "financial-ict",
        "product-safety",
        "contract",
    ]
    starts: Text
    deadlines: Annotated[list[Deadline], Meta(min_length=1)]
    source: Text
    as_of: Date
    checked_on: Date


MODEL = list[IncidentClock]
WEAKER = {
    "*": LESS,
    "id": NAME,
    "covers": ANY,
    "starts": PERSON,
    "deadlines": {"*": LESS, "within": MORE, "report": PERSON},
    "source": PERSON,
    "as_of": LESS,
    "checked_on": LESS,
}
