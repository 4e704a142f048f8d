"""Input filters, each with the share of attacks it must catch and of good requests it may block.

`catches` and `blocks_good` are metrics.
"""

from mlcharter.formats.directions import ANY, LESS, MORE, NAME
from mlcharter.formats.models import Date, Entry, Id, Share


class Filter(Entry, frozen=True, kw_only=True):
    id: Id
    catches: Id
    catches_min: Share
    blocks_good: Id
    blocks_good_max: Share
    tuned_on: Date


MODEL = list[Filter]
WEAKER = {
    "*": LESS,
    "id": NAME,
    "catches": ANY,
    "catches_min": LESS,
    "blocks_good": ANY,
    "blocks_good_max": MORE,
    "tuned_on": LESS,
}
