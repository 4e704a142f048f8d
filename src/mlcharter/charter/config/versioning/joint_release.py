"""The release: one version of each part that is released together.

`previous` is the release that a rollback returns to.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import LESS, NAME, PERSON
from mlcharter.formats.models import Date, Entry, Id, Kind, Owner, Ref


class JointRelease(Entry, frozen=True, kw_only=True):
    id: Id
    sequence: Annotated[int, Meta(gt=0)]
    previous: Id | None
    required: Annotated[list[Kind], Meta(min_length=1)]
    members: Annotated[list[Ref], Meta(min_length=1)]
    gates: Annotated[list[Id], Meta(min_length=1)]
    approved_by: Annotated[list[Owner], Meta(min_length=1)]
    approved_on: Date


MODEL = JointRelease
WEAKER = {
    "*": LESS,
    "id": NAME,
    "sequence": LESS,
    "previous": PERSON,
    "required": LESS,
    "members": PERSON,
    "gates": LESS,
    "approved_by": LESS,
    "approved_on": LESS,
}
