"""The one command that takes back everything that moved together, and when it was last drilled.

`rto` is how long that may take, `rpo` how much written state may be lost.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.models import Date, Duration, Entry, Kind, Path, Text


class Rollback(Entry, frozen=True, kw_only=True):
    command: Text
    rto: Duration
    rpo: Duration
    targets: Annotated[list[Kind], Meta(min_length=1)]
    drilled_on: Date
    drill_max_age_days: Annotated[int, Meta(gt=0, le=92)]
    evidence: Path


MODEL = Rollback
