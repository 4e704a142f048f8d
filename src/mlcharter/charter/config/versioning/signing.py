"""How releases are signed: in-toto statements in DSSE envelopes, and keys with an end date.

The `owner` of a key signs with it. From the tier `production` on, a release needs one that did not
approve it.

An identity signs without a key: Sigstore certifies for ten minutes that `issuer` vouches for
`subject`. It signs the statement of a release, or SLSA provenance of one.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Count, Date, Entry, Id, Owner, Part, Ref, Text


class Key(Part, frozen=True, kw_only=True):
    id: Id
    owner: Owner | None = None
    purpose: Literal["demo", "release"]
    not_before: Date
    not_after: Date


class Identity(Part, frozen=True, kw_only=True):
    id: Id
    owner: Owner | None = None
    issuer: Text
    subject: Text
    signs: Literal["release", "provenance"]


class Signing(Entry, frozen=True, kw_only=True):
    envelope: Literal["dsse"]
    statement: Literal["in-toto-v1"]
    algorithm: Literal["ed25519", "ecdsa-p256"]
    keys: Annotated[list[Key], Meta(min_length=1)]
    identities: list[Identity] = field(default_factory=list)
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
    "identities": {
        "*": MORE,
        "id": ANY,
        "owner": PERSON,
        "issuer": ANY,
        "subject": ANY,
        "signs": ANY,
    },
    "threshold": LESS,
    "min_sequence": LESS,
    "revoked": LESS,
}
