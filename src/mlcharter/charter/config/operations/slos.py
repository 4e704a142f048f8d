"""Service level objectives, in the terms of OpenSLO v1 without its envelope.

`good` and `total` are PromQL; `target` is a share in (0, 1). `alertPolicies` are alert ids.
`timeSliceWindow` and `timeSliceTarget` are for Timeslices only: the length of a slice, and the
share from which it counts as good.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, NAME, PERSON, TEXT
from mlcharter.formats.models import Duration, Entry, Id, Part, Text


class RatioMetric(Part, frozen=True, kw_only=True):
    good: Text
    total: Text


class Slo(Entry, frozen=True, kw_only=True):
    name: Id
    service: Id
    description: Text
    ratioMetric: RatioMetric
    timeWindow: Duration
    budgetingMethod: Literal["Occurrences", "Timeslices"]
    timeSliceWindow: Duration | None = None
    timeSliceTarget: Annotated[float, Meta(gt=0, le=1)] | None = None
    target: Annotated[float, Meta(gt=0, lt=1)]
    alertPolicies: Annotated[list[Id], Meta(min_length=1)]


MODEL = list[Slo]
WEAKER = {
    "*": LESS,
    "name": NAME,
    "service": ANY,
    "description": TEXT,
    "ratioMetric": {"*": LESS, "good": ANY, "total": ANY},
    "timeWindow": PERSON,
    "budgetingMethod": ANY,
    "timeSliceWindow": PERSON,
    "timeSliceTarget": LESS,
    "target": LESS,
    "alertPolicies": LESS,
}
