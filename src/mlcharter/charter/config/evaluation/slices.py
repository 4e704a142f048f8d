"""Which part of a dataset is looked at on its own, and which alert watches it in production.

`where` says it in words or as a predicate; `protected` slices must have a gate and an alert.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.models import Entry, Id, Text


class Slice(Entry, frozen=True, kw_only=True):
    id: Id
    dataset: Id
    where: Text
    min_n: Annotated[int, Meta(gt=0)]
    protected: bool
    alert: Id | None


MODEL = list[Slice]
