"""The experiment that measures the effect on users, with its sample size.

`check` computes `n_per_arm` from baseline, mde, alpha and power (two-sided, two shares).
`ramp` is in percent of traffic, ascending.
`guardrails` are ids of KPIs or alerts.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Entry, Id, NotNegative, Percent, Share, Text


class Experiment(Entry, frozen=True, kw_only=True):
    design: Literal["ab", "interleave", "switchback", "shadow"]
    unit: Text
    metric: Id
    baseline: Share
    mde: Annotated[float, Meta(gt=0, lt=1)]
    alpha: Annotated[float, Meta(gt=0, le=0.2)]
    power: Annotated[float, Meta(ge=0.5, lt=1)]
    test: Literal["fixed", "sequential", "non-inferiority"]
    margin: NotNegative | None
    n_per_arm: Annotated[int, Meta(gt=0)]
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
    "alpha": MORE,
    "power": LESS,
    "test": ANY,
    "margin": MORE,
    "n_per_arm": LESS,
    "days": LESS,
    "ramp": PERSON,
    "guardrails": LESS,
}
