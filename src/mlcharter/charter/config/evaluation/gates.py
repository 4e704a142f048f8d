"""Thresholds that a metric must meet before a merge, decided before the results are known.

Without `against`, `bound` of the metric itself is compared with `threshold`: `lower95 >= 0.95`.
With a baseline in `against`, `bound` of the paired difference to it is: `lower95 >= -0.02`.
With `last-release`, it is the difference to the newest released report.
`decided_on` is null while a threshold is only proposed; `mlcharter gate` then prints `undecided`
instead of `pass`.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, GONE, LESS, NAME, TEXT, by_op
from mlcharter.formats.models import Bound, Date, Entry, Id, Op, Text


class Gate(Entry, frozen=True, kw_only=True):
    id: Id
    metric: Id
    dataset: Id
    slice: Id
    against: Id | None = None
    op: Op
    threshold: float
    bound: Bound
    min_n: Annotated[int, Meta(gt=0)]
    on_fail: Literal["block", "warn"]
    decided_on: Date | None
    rationale: Text


MODEL = list[Gate]
WEAKER = {
    "*": LESS,
    "id": NAME,
    "metric": ANY,
    "dataset": ANY,
    "slice": ANY,
    "against": ANY,
    "op": (">", ">="),
    "threshold": by_op,
    "bound": by_op,
    "min_n": LESS,
    "on_fail": ("block", "warn"),
    "decided_on": GONE,
    "rationale": TEXT,
}
