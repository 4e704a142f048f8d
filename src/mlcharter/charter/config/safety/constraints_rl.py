"""What a policy may never do or only rarely, what sees it, and the test of its shield."""

from mlcharter.formats.models import Entry, Id, Share, Test


class ConstraintRl(Entry, frozen=True, kw_only=True):
    id: Id
    sensor: Id
    ceiling: Share
    shield: bool
    violation: Id
    test: Test


MODEL = list[ConstraintRl]
