"""Every field of every dataset, whether it is personal, and what happens to it.

`field: "*"` stands for all fields of a dataset without personal data.
"""

from typing import Annotated, Literal

from msgspec import Meta

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
