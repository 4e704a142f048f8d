"""How many decisions people review, how often, and the lowest agreement between them.

`labels` is the file of the last audit, with a row for each case, or for each case and rater.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Entry, Owner, Path, Share


class HumanAudit(Entry, frozen=True, kw_only=True):
    sample: Annotated[int, Meta(gt=0)]
    cadence_days: Annotated[int, Meta(gt=0)]
    raters: Annotated[int, Meta(ge=2)]
    agreement: Literal["kappa", "alpha"]
    floor: Share
    rubric: Path
    labels: Path
    owner: Owner


MODEL = HumanAudit
WEAKER = {
    "*": LESS,
    "sample": LESS,
    "cadence_days": MORE,
    "raters": LESS,
    "agreement": ANY,
    "floor": LESS,
    "rubric": PERSON,
    "labels": PERSON,
    "owner": PERSON,
}
