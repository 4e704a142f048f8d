"""The attacks that run in CI: how many of each category, and the highest success rate."""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Bound, Date, Entry, Id, Part, Path, Share


class Category(Part, frozen=True, kw_only=True):
    id: Id
    min_n: Annotated[int, Meta(gt=0)]


class Redteam(Entry, frozen=True, kw_only=True):
    suite: Path
    metric: Id
    ceiling: Share
    bound: Bound
    categories: Annotated[list[Category], Meta(min_length=1)]
    reviewed_on: Date


MODEL = Redteam
WEAKER = {
    "*": LESS,
    "suite": PERSON,
    "metric": ANY,
    "ceiling": MORE,
    "bound": MORE,
    "categories": {"*": LESS, "id": NAME, "min_n": LESS},
    "reviewed_on": LESS,
}
