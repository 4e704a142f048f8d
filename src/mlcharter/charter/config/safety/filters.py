"""What is filtered at the door: how many attacks it catches and how many good requests it costs."""

from mlcharter.formats.models import Date, Entry, Id, Share


class Filter(Entry, frozen=True, kw_only=True):
    id: Id
    catches: Id
    catches_min: Share
    blocks_good: Id
    blocks_good_max: Share
    tuned_on: Date


MODEL = list[Filter]
