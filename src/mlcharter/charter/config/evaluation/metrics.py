"""Metrics: the unit, the better direction, and the method of the confidence interval.

`method: exact` is for counts, which have no interval.
"""

from typing import Literal

from mlcharter.formats.directions import ANY, LESS, NAME, PERSON
from mlcharter.formats.models import Entry, Id, Path, Text

PROPORTIONS = ("wilson", "clopper-pearson")  # the methods for a share of independent units


class Metric(Entry, frozen=True, kw_only=True):
    id: Id
    unit: Text
    direction: Literal["up", "down"]
    method: Literal["bootstrap", "wilson", "clopper-pearson", "delong", "e-process", "exact"]
    resample: Text
    produced_by: Path


MODEL = list[Metric]
WEAKER = {
    "*": LESS,
    "id": NAME,
    "unit": ANY,
    "direction": ANY,
    "method": ANY,
    "resample": ANY,
    "produced_by": PERSON,
}
