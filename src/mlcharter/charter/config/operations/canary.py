"""The rollout steps of a release: share of traffic, bake time, and the alert that aborts it.

With `automatic`, the deployment tool aborts without a person, so the alert may be a ticket.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Duration, Entry, Id, Part


class Step(Part, frozen=True, kw_only=True):
    weight: Annotated[float, Meta(gt=0, le=100)]
    bake: Duration
    abort_alert: Id


class Canary(Entry, frozen=True, kw_only=True):
    steps: Annotated[list[Step], Meta(min_length=2)]
    automatic: bool = False


MODEL = Canary
WEAKER = {
    "*": LESS,
    "steps": {"*": LESS, "weight": MORE, "bake": LESS, "abort_alert": ANY},
    "automatic": PERSON,
}
