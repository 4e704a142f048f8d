"""Which number stops a merge, on which bound, and who chose it before seeing the result.

`against` is empty for an absolute gate; a baseline's name judges the recorded paired difference
to that baseline; `last-release` judges the difference to the newest frozen report.
`threshold` is the limit that `bound` is held to: `lower95 >= 0.95`, or, for a difference,
`lower95 >= -0.02`.
"""

from typing import Annotated, Literal

from msgspec import Meta

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
    decided_on: Date
    rationale: Text


MODEL = list[Gate]
