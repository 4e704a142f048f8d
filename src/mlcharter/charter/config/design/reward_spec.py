"""The reward: the objective, the proxy that is optimised, and the cases where they differ.

`rank_floor` is the lowest rank correlation of proxy and objective over a set of policies, or null
if no eval measures it.
`counter_examples` are tests in this repository.
`label_kappa` is for learned rewards only.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, PERSON
from mlcharter.formats.models import Date, Entry, Id, Owner, Share, Test, Text


class RewardSpec(Entry, frozen=True, kw_only=True):
    objective: Id
    proxy: Id
    shaping: Literal["none", "potential", "other"]
    potential: Text | None
    rank_floor: Share | None
    counter_examples: Annotated[list[Test], Meta(min_length=1)]
    label_kappa: Share | None
    reviewed_by: Owner
    reviewed_on: Date


MODEL = RewardSpec
WEAKER = {
    "*": LESS,
    "objective": ANY,
    "proxy": ANY,
    "shaping": ("none", "potential", "other"),
    "potential": PERSON,
    "rank_floor": LESS,
    "counter_examples": LESS,
    "label_kappa": LESS,
    "reviewed_by": PERSON,
    "reviewed_on": LESS,
}
