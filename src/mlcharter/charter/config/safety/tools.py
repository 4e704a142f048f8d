"""Tools that the system may call, with the annotations of MCP, and who approves a call.

A destructive tool needs the approval of a person.
`egress` lists hosts of the config block `egress`.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import MORE, PERSON
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
WEAKER = {
    "*": MORE,
    "id": PERSON,
    "read_only": (True, False),
    "destructive": PERSON,
    "idempotent": PERSON,
    "scopes": MORE,
    "approval": ("human", "policy", "none"),
    "timeout_s": MORE,
    "per_minute": MORE,
    "egress": MORE,
}
