"""Which hosts the system may reach; everything else is refused. Names, no wildcards."""

from typing import Annotated

from msgspec import Meta

from mlcharter.contract import Entry, Host, Owner, Text


class Destination(Entry, frozen=True, kw_only=True):
    host: Host
    port: Annotated[int, Meta(gt=0, lt=65536)]
    methods: Annotated[list[Text], Meta(min_length=1)]
    reason: Text
    owner: Owner


MODEL = list[Destination]
