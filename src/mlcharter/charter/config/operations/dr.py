"""Backups, and the last restore drill.

`rto` is the longest time that a restore may take, `rpo` the longest time whose data may be lost.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Date, Duration, Entry, Kind, Part, Path, Text


class Backup(Part, frozen=True, kw_only=True):
    kind: Kind
    store: Text
    schedule: Duration
    retention: Duration


class Dr(Entry, frozen=True, kw_only=True):
    backups: Annotated[list[Backup], Meta(min_length=1)]
    rto: Duration
    rpo: Duration
    script: Text
    drilled_on: Date
    drill_max_age_days: Annotated[int, Meta(gt=0, le=92)]
    evidence: Path


MODEL = Dr
WEAKER = {
    "*": LESS,
    "backups": {"*": LESS, "kind": ANY, "store": PERSON, "schedule": MORE, "retention": PERSON},
    "rto": MORE,
    "rpo": MORE,
    "script": PERSON,
    "drilled_on": LESS,
    "drill_max_age_days": MORE,
    "evidence": PERSON,
}
