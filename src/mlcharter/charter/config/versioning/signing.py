"""How releases are signed: in-toto statements in DSSE envelopes, and keys with an end date.

The `owner` of a key signs with it. From the tier `production` on, a release needs one that did not
approve it.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Count, Date, Entry, Id, Owner, Part, Ref


class Key(Part, frozen=True, kw_only=True):
    id: Id
    owner: Owner | None = None
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
    "keys": {
        "*": MORE,
        "id": ANY,
        "owner": PERSON,
        "purpose": ANY,
        "not_before": LESS,
        "not_after": MORE,
    },
    "threshold": LESS,
    "min_sequence": LESS,
    "revoked": LESS,
}
