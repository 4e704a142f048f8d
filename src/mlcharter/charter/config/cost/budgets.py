"""Spending limits: an amount for each period, and the alert that warns before it is spent.

`warn_at` lists the shares of `amount` at which the alert fires; the last one is 1.0.
With `hard: true`, spending stops by itself at `amount`.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, NAME, PERSON
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
WEAKER = {
    "*": LESS,
    "id": NAME,
    "metric": ANY,
    "amount": MORE,
    "currency": ANY,
    "period": ("year", "quarter", "month", "week", "day"),
    "owner": PERSON,
    "alert": ANY,
    "warn_at": LESS,
    "hard": (True, False),
}
