"""How a release is verified before it serves: the command, the moments and the trusted keys."""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Entry, Id, Text


class Verification(Entry, frozen=True, kw_only=True):
    command: Text
    at: Annotated[list[Literal["build", "deploy", "startup"]], Meta(min_length=1)]
    keys: Annotated[list[Id], Meta(min_length=1)]
    on_failure: Literal["refuse"]


MODEL = Verification
WEAKER = {"*": LESS, "command": PERSON, "at": LESS, "keys": MORE, "on_failure": ANY}
