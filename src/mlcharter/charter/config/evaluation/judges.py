"""LLM judges, each with its prompt and its lowest agreement with people.

`bound` of the agreement is compared with `floor`, over at least `audit_n` verdicts that a person
gave too.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Bound, Entry, Id, Path, Share, Text


class Judge(Entry, frozen=True, kw_only=True):
    id: Id
    model: Text
    prompt: Path
    mode: Literal["pairwise", "pointwise"]
    both_orders: bool
    anchors: Path
    min_pairs: Annotated[int, Meta(gt=0)]
    agreement: Literal["kappa", "alpha"]
    floor: Share
    bound: Bound
    audit_n: Annotated[int, Meta(gt=0)]
    cadence_days: Annotated[int, Meta(gt=0)]


MODEL = list[Judge]
WEAKER = {
    "*": LESS,
    "id": NAME,
    "model": PERSON,
    "prompt": PERSON,
    "mode": PERSON,
    "both_orders": (True, False),
    "anchors": PERSON,
    "min_pairs": LESS,
    "agreement": ANY,
    "floor": LESS,
    "bound": LESS,
    "audit_n": LESS,
    "cadence_days": MORE,
}
