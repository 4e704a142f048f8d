"""Launch criteria: what counts as success, what stops the launch, and the rollout steps.

A kill criterion names the alert that triggers it, or the date `by` which it is decided.
After that date, `adr` names the record of the decision.
`steps` keeps the order ope, shadow, canary, full; a system without logs leaves out ope.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, GONE, LESS, MORE, PERSON, by_op
from mlcharter.formats.models import Bound, Date, Entry, Id, Op, Part, Path, Text


class Success(Part, frozen=True, kw_only=True):
    metric: Id
    op: Op
    threshold: float
    bound: Bound


class Kill(Part, frozen=True, kw_only=True):
    when: Text
    alert: Id | None
    by: Date | None


class Decision(Entry, frozen=True, kw_only=True):
    success: Annotated[list[Success], Meta(min_length=1)]
    kill: Annotated[list[Kill], Meta(min_length=1)]
    steps: Annotated[list[Literal["ope", "shadow", "canary", "full"]], Meta(min_length=1)]
    adr: Path


MODEL = Decision
WEAKER = {
    "*": LESS,
    "success": {"*": LESS, "metric": ANY, "op": (">", ">="), "threshold": by_op, "bound": by_op},
    "kill": {"*": LESS, "when": PERSON, "alert": GONE, "by": MORE},
    "steps": LESS,
    "adr": PERSON,
}
