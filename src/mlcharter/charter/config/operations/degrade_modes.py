"""What users get if a part fails, and the test that forces the failure."""

from typing import Literal

from mlcharter.formats.directions import ANY, LESS, NAME, PERSON
from mlcharter.formats.models import Entry, Id, Test


class DegradeMode(Entry, frozen=True, kw_only=True):
    id: Id
    alert: Id
    vendor: Id | None
    behaviour: Literal[
        "cached-or-abstain", "abstain", "fallback-vendor", "baseline-model", "queue", "refuse"
    ]
    test: Test


MODEL = list[DegradeMode]
WEAKER = {
    "*": LESS,
    "id": NAME,
    "alert": ANY,
    "vendor": PERSON,
    "behaviour": PERSON,
    "test": PERSON,
}
