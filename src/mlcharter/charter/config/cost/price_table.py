"""What is paid for what, since when, and where that was read.

A price without a source is a guess. `sku` is the label by which spend is counted; `vendor` is null
for our own people and machines.
"""

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
