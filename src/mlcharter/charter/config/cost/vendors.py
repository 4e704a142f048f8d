"""Vendors that the system depends on, each with a spending ceiling and a fallback.

`fallback` is another vendor of this list or a degrade mode.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Currency, Entry, Id, Part, Path, Positive, Text


class CutOver(Part, frozen=True, kw_only=True):
    alert: Id
    after_failures: Annotated[int, Meta(gt=0)]


class Vendor(Entry, frozen=True, kw_only=True):
    id: Id
    role: Text
    fallback: Id
    ceiling: Positive
    currency: Currency
    period: Literal["day", "week", "month", "quarter", "year"]
    requests_per_minute: Positive | None
    tokens_per_minute: Positive | None
    cut_over: CutOver
    evidence: Path


MODEL = list[Vendor]
WEAKER = {
    "*": PERSON,
    "id": PERSON,
    "role": PERSON,
    "fallback": PERSON,
    "ceiling": MORE,
    "currency": ANY,
    "period": ("year", "quarter", "month", "week", "day"),
    "requests_per_minute": MORE,
    "tokens_per_minute": MORE,
    "cut_over": {"*": LESS, "alert": ANY, "after_failures": MORE},
    "evidence": PERSON,
}
