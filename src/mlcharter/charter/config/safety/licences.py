"""Licences that code, data and weights may have, as SPDX identifiers."""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Date, Entry, Owner, Part, Text


class LicenceException(Part, frozen=True, kw_only=True):
    name: Text
    licence: Text
    use: Text
    approved_by: Owner
    until: Date


class Licences(Entry, frozen=True, kw_only=True):
    commercial_use: bool
    allow: Annotated[list[Text], Meta(min_length=1)]
    deny: list[Text]
    exceptions: list[LicenceException]


MODEL = Licences
WEAKER = {
    "*": LESS,
    "commercial_use": PERSON,
    "allow": MORE,
    "deny": LESS,
    "exceptions": {
        "*": MORE,
        "name": ANY,
        "licence": ANY,
        "use": PERSON,
        "approved_by": PERSON,
        "until": MORE,
    },
}
