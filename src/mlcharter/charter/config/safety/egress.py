"""The hosts that the system may reach; all others are refused.

Write host names without wildcards.
`used_by` names the vendor, or the service of an SLO, that needs a host which no tool uses.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import ANY, MORE, NAME, PERSON
from mlcharter.formats.models import Entry, Host, Id, Owner, Text


class Destination(Entry, frozen=True, kw_only=True):
    host: Host
    port: Annotated[int, Meta(gt=0, lt=65536)]
    methods: Annotated[list[Text], Meta(min_length=1)]
    reason: Text
    owner: Owner
    used_by: Id | None = None


MODEL = list[Destination]
WEAKER = {
    "*": MORE,
    "host": NAME,
    "port": ANY,
    "methods": MORE,
    "reason": PERSON,
    "owner": PERSON,
    "used_by": PERSON,
}
