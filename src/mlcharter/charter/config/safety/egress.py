"""Which hosts the system may reach; everything else is refused. Names, no wildcards.

`used_by` says which vendor, or which service of an SLO, needs a host that no tool reaches.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.models import Entry, Host, Id, Owner, Text


class Destination(Entry, frozen=True, kw_only=True):
    host: Host
    port: Annotated[int, Meta(gt=0, lt=65536)]
    methods: Annotated[list[Text], Meta(min_length=1)]
    reason: Text
    owner: Owner
    used_by: Id | None = None


MODEL = list[Destination]
