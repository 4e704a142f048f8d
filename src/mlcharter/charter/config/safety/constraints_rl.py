"""Safety constraints on a policy, each with its metric, its ceiling and the test of its shield.

`sensor` is the metric that measures violations, `ceiling` the largest share of episodes.
"""

from mlcharter.formats.directions import ANY, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Entry, Id, Share, Test


class ConstraintRl(Entry, frozen=True, kw_only=True):
    id: Id
    sensor: Id
    ceiling: Share
    shield: bool
    violation: Id
    test: Test


MODEL = list[ConstraintRl]
WEAKER = {
    "*": LESS,
    "id": NAME,
    "sensor": ANY,
    "ceiling": MORE,
    "shield": (True, False),
    "violation": ANY,
    "test": PERSON,
}
