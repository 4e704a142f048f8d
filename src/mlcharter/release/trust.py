"""Whose signatures count, and what is refused: the config block `signing`, and public keys.

The public key of `signing`'s key `id` is `versioning/keys/<id>.pub`, in PEM. The trusted root by
which certificates of identities are judged is `versioning/keys/trusted_root.json`.
"""

import datetime
from collections.abc import Collection

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.support.errors import UserError
from mlcharter.support.files import Unreadable

KEYS = "versioning/keys"
ROOT = f"{KEYS}/trusted_root.json"
REGISTRIES = "versioning/registries.md"
_DAY = datetime.timedelta(days=1)  # of grace towards people in other time zones
_TWO_FROM = "critical"  # from this tier on, one person alone releases nothing


class Key(Struct, frozen=True):
    """A key whose signatures may count; `pem` is its public half."""

    id: str
    owner: str | None
    purpose: str
    not_before: datetime.date
    not_after: datetime.date
    pem: bytes

    @property
    def person(self) -> str:
        """Whoever signs with it: all keys of an owner count once."""
        return (self.owner or self.id).casefold()

    def find_problem(self, approved_by: Collection[str], tier: str, today: datetime.date) -> str:
        """Return why a signature of this key does not count; empty if it counts."""
        if today + _DAY < self.not_before:
            return f"the key `{self.id}` is valid from {self.not_before} on"
        if self.not_after < today - _DAY:
            return f"the key `{self.id}` expired on {self.not_after}"
        if tier == "prototype":
            return ""
        if self.purpose == "demo":
            return f"`{self.id}` is a demo key, which counts at tier prototype only"
        return _judge_owner(f"the key `{self.id}`", self.owner, approved_by)


class Identity(Struct, frozen=True):
    """An identity whose certificates may count: `issuer` vouches for `subject`."""

    id: str
    owner: str | None
    issuer: str
    subject: str
    signs: str

    def find_problem(self, approved_by: Collection[str], tier: str) -> str:
        """Return why a signature of this identity does not count; empty if it counts."""
        if tier == "prototype":
            return ""
        return _judge_owner(f"the identity `{self.id}`", self.owner, approved_by)


def _judge_owner(signer: str, owner: str | None, approved_by: Collection[str]) -> str:
    if owner is None:
        return f"{signer} has no `owner` in `signing`"
    if owner.casefold() in map(str.casefold, approved_by):  # as hosts of Git compare handles
        return f"{owner} approved the release and has {signer}"
    return ""


class Trust(Struct, frozen=True):
    """What `signing` says today. `revoked` has SHA-256 digests in hexadecimal.

    `root` is the trusted root of the identities; empty if there are none.
    """

    tier: str
    algorithm: str
    keys: tuple[Key, ...]
    threshold: int
    min_sequence: int
    revoked: frozenset[str]
    identities: tuple[Identity, ...] = ()
    root: bytes = b""


def read(charter: Charter) -> Trust:
    """Return the trust of a repository; a UserError if `signing` or a public key is missing."""
    entry = charter.entry("signing")
    if entry is None:
        raise UserError(
            f"the config block `signing` of {REGISTRIES} is not filled in",
            hint="see `mlcharter explain signing`",
        )
    value = entry.value
    keys = tuple(
        Key(k.id, k.owner, k.purpose, k.not_before, k.not_after, _read_public(charter, k.id))
        for k in value.keys
    )
    identities = tuple(
        Identity(one.id, one.owner, one.issuer, one.subject, one.signs) for one in value.identities
    )
    revoked = {ref.rpartition(":")[2] for ref in value.revoked}
    for registered in charter.every("registry"):
        if registered.value.stage == "revoked":
            revoked.add(registered.value.ref.rpartition(":")[2])
    least = 2 if charter.requires(_TWO_FROM) else 1
    threshold = max(value.threshold, least)
    return Trust(
        charter.tier,
        value.algorithm,
        keys,
        threshold,
        value.min_sequence,
        frozenset(revoked),
        identities,
        _read(charter, ROOT, "save the trusted root of Sigstore there") if identities else b"",
    )


def _read_public(charter: Charter, id: str) -> bytes:
    hint = f"save the public half of the key `{id}` there, in PEM"
    return _read(charter, f"{KEYS}/{id}.pub", hint)


def _read(charter: Charter, path: str, hint: str) -> bytes:
    data = charter.file(path)
    if isinstance(data, Unreadable):
        raise UserError(f"{path} {data.message.partition(';')[0]}", hint=hint)
    return data
