"""The experiment that measures the effect on users, with its sample size.

`check` computes the least `n_per_arm` from what the block states.
`baseline`, `mde`, `sd` and `margin` are in the unit of the metric; without `sd` it is a proportion.
`n_per_arm` counts `unit` in the smaller arm. `allocation` is the share of the units that get the
treatment. `clusters` says what is randomised if it holds several units, such as a market of users.
`ramp` is in percent of traffic, ascending.
`guardrails` are ids of KPIs or alerts.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Entry, Id, NotNegative, Part, Percent, Positive, Share, Text


class Clusters(Part, frozen=True, kw_only=True):
    """Groups of units that get the same arm: how large they are, and how alike (icc)."""

    unit: Text
    size: Annotated[float, Meta(ge=1)]
    icc: Share


class Experiment(Entry, frozen=True, kw_only=True):
    design: Literal["ab", "interleave", "switchback", "shadow"]
    unit: Text
    metric: Id
    baseline: float
    mde: Positive
    sd: Positive | None = None
    alpha: Annotated[float, Meta(gt=0, le=0.2)]
    power: Annotated[float, Meta(ge=0.5, lt=1)]
    test: Literal["fixed", "sequential", "non-inferiority"]
    margin: NotNegative | None
    n_per_arm: Annotated[int, Meta(gt=0)]
    allocation: Annotated[float, Meta(gt=0, lt=1)] = 0.5
    clusters: Clusters | None = None
    days: Annotated[int, Meta(gt=0)]
    ramp: Annotated[list[Percent], Meta(min_length=1)]
    guardrails: Annotated[list[Id], Meta(min_length=1)]


MODEL = Experiment
WEAKER = {
    "*": LESS,
    "design": PERSON,
    "unit": PERSON,
    "metric": ANY,
    "baseline": PERSON,
    "mde": MORE,
    "sd": LESS,
    "alpha": MORE,
    "power": LESS,
    "test": ANY,
    "margin": MORE,
    "n_per_arm": LESS,
    "allocation": PERSON,
    "clusters": {"*": LESS, "unit": PERSON, "size": LESS, "icc": LESS},
    "days": LESS,
    "ramp": PERSON,
    "guardrails": LESS,
}
