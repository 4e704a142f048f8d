"""Prices of what the system uses, each with its source.

`sku` is the label by which spend is counted.
`vendor` is null for your own people and machines.
A price applies from `effective_from` on.
"""

from mlcharter.formats.directions import NAME, PERSON
from mlcharter.formats.models import Currency, Date, Entry, Id, NotNegative, Text


class Price(Entry, frozen=True, kw_only=True):
    sku: Text
    vendor: Id | None
    unit: Text
    price: NotNegative
    currency: Currency
    effective_from: Date
    source: Text


MODEL = list[Price]
WEAKER = {
    "*": PERSON,
    "sku": NAME,
    "vendor": PERSON,
    "unit": PERSON,
    "price": PERSON,
    "currency": PERSON,
    "effective_from": PERSON,
    "source": PERSON,
}
