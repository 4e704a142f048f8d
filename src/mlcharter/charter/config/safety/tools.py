"""What the system may do to the world, in MCP's words, and who approves it.

A destructive tool needs a person's approval. Hosts are those of the egress allowlist.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.models import Entry, Host, Id, Positive, Text


class Tool(Entry, frozen=True, kw_only=True):
    id: Id
    read_only: bool
    destructive: bool
    idempotent: bool
    scopes: Annotated[list[Text], Meta(min_length=1)]
    approval: Literal["none", "policy", "human"]
    timeout_s: Positive
    per_minute: Positive
    egress: list[Host]


MODEL = list[Tool]
