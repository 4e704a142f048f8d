"""Where the origin of content is detected, and what happens if it is unknown."""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import LESS, PERSON
from mlcharter.formats.models import Entry, Text


class Provenance(Entry, frozen=True, kw_only=True):
    detect: Annotated[list[Literal["ingest", "inference"]], Meta(min_length=1)]
    on_missing: Literal["log", "flag", "abstain"]
    log: Text
    export: Text


MODEL = Provenance
WEAKER = {
    "*": LESS,
    "detect": LESS,
    "on_missing": ("abstain", "flag", "log"),
    "log": PERSON,
    "export": PERSON,
}
