"""What is paid for what, since when, and where that was read.

A price without a source is a guess.
"""

from mlcharter.contract import Currency, Date, Entry, Id, NotNegative, Text


class Price(Entry, frozen=True, kw_only=True):
    sku: Text
    vendor: Id
    unit: Text
    price: NotNegative
    currency: Currency
    effective_from: Date
    source: Text


MODEL = list[Price]
