"""When an off-policy estimate can be trusted.

Outside these limits the result is insufficient support.
We measured that a nominal 95 % interval covers far less if the ESS ratio is below 0.2.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, GONE, LESS, MORE, by_op
from mlcharter.formats.models import Bound, Date, Entry, Id, Op, Part, Positive

Estimator = Literal["ips", "snips", "dr", "wdr", "switch-dr", "fqe"]


class Go(Part, frozen=True, kw_only=True):
    metric: Id
    against: Id
    op: Op
    threshold: float
    bound: Bound


class Ope(Entry, frozen=True, kw_only=True):
    log: Id
    propensity: Literal["logged", "estimated"]
    estimators: Annotated[list[Estimator], Meta(min_length=3)]
    resample: Literal["episode"]
    resamples: Annotated[int, Meta(ge=200)]
    min_ess_ratio: Annotated[float, Meta(gt=0, le=1)]
    max_weight: Positive
    max_disagreement: Positive
    go: Go
    decided_on: Date
    canary_not_before: Date | None


MODEL = Ope
WEAKER = {
    "*": LESS,
    "log": ANY,
    "propensity": ("logged", "estimated"),
    "estimators": LESS,
    "resample": ANY,
    "resamples": LESS,
    "min_ess_ratio": LESS,
    "max_weight": MORE,
    "max_disagreement": MORE,
    "go": {
        "*": LESS,
        "metric": ANY,
        "against": ANY,
        "op": (">", ">="),
        "threshold": by_op,
        "bound": by_op,
    },
    "decided_on": GONE,
    "canary_not_before": LESS,
}
