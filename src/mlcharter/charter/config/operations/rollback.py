"""The command that rolls back a whole release, and its last drill.

`rto` is the longest time that it may take, `rpo` the longest time whose written state may be lost.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import LESS, MORE, PERSON
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
WEAKER = {
    "*": LESS,
    "command": PERSON,
    "rto": MORE,
    "rpo": MORE,
    "targets": LESS,
    "drilled_on": LESS,
    "drill_max_age_days": MORE,
    "evidence": PERSON,
}
