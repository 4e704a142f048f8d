"""How releases are signed: in-toto statements in DSSE envelopes, and keys with an end date."""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE
from mlcharter.formats.models import Count, Date, Entry, Id, Part, Ref


class Key(Part, frozen=True, kw_only=True):
    id: Id
    purpose: Literal["demo", "release"]
    not_before: Date
    not_after: Date


class Signing(Entry, frozen=True, kw_only=True):
    envelope: Literal["dsse"]
    statement: Literal["in-toto-v1"]
    algorithm: Literal["ed25519", "ecdsa-p256"]
    keys: Annotated[list[Key], Meta(min_length=1)]
    threshold: Annotated[int, Meta(gt=0)]
    min_sequence: Count
    revoked: list[Ref]


MODEL = Signing
WEAKER = {
    "*": LESS,
    "envelope": ANY,
    "statement": ANY,
    "algorithm": ANY,
    "keys": {"*": MORE, "id": ANY, "purpose": ANY, "not_before": LESS, "not_after": MORE},
    "threshold": LESS,
    "min_sequence": LESS,
    "revoked": LESS,
}
