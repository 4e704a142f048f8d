"""How much may be spent, on which metric, and which alert says so before it is gone."""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.models import Currency, Entry, Id, Owner, Positive, Share


class Budget(Entry, frozen=True, kw_only=True):
    id: Id
    metric: Id
    amount: Positive
    currency: Currency
    period: Literal["day", "week", "month", "quarter", "year"]
    owner: Owner
    alert: Id
    warn_at: Annotated[list[Share], Meta(min_length=1)]
    hard: bool


MODEL = list[Budget]
