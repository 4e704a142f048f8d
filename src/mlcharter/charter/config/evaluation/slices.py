"""Parts of a dataset that are evaluated on their own.

`where` describes the slice in text or as a predicate.
A `protected` slice must have a gate and an alert.
A gate may name the slice `all`, every row of its dataset, without an entry here.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import ANY, GONE, LESS, NAME
from mlcharter.formats.models import Entry, Id, Text

ALL = "all"


class Slice(Entry, frozen=True, kw_only=True):
    id: Id
    dataset: Id
    where: Text
    min_n: Annotated[int, Meta(gt=0)]
    protected: bool
    alert: Id | None


MODEL = list[Slice]
WEAKER = {
    "*": LESS,
    "id": NAME,
    "dataset": ANY,
    "where": ANY,
    "min_n": LESS,
    "protected": (True, False),
    "alert": GONE,
}
