"""Which fields of which dataset are personal data, and the rules for each.

`field: "*"` covers the fields of a dataset that have no entry of their own.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Entry, Id, Text


class PiiField(Entry, frozen=True, kw_only=True):
    dataset: Id
    field: Text
    category: Literal["none", "direct", "quasi", "sensitive"]
    purpose: Text | None
    basis: Text | None
    retention_days: Annotated[int, Meta(gt=0)] | None
    redaction: Literal["none", "drop", "hash", "mask"]
    region: Text | None


MODEL = list[PiiField]
WEAKER = {
    "*": LESS,
    "dataset": ANY,
    "field": NAME,
    "category": ("sensitive", "direct", "quasi", "none"),
    "purpose": PERSON,
    "basis": PERSON,
    "retention_days": MORE,
    "redaction": ("drop", "hash", "mask", "none"),
    "region": PERSON,
}
