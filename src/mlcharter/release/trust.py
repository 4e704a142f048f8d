"""Whose signatures count, and what is refused: the config block `signing`, and public keys.

The public key of `signing`'s key `id` is `versioning/keys/<id>.pub`, in PEM.
"""

import datetime
from collections.abc import Collection

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.support.errors import UserError
from mlcharter.support.files import Unreadable

KEYS = "versioning/keys"
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
        if self.owner is None:
            return f"the key `{self.id}` has no `owner` in `signing`"
        if self.owner in approved_by:
            return f"{self.owner} approved the release and has the key `{self.id}`"
        return ""


class Trust(Struct, frozen=True):
    """What `signing` says today. `revoked` has SHA-256 digests in hexadecimal."""

    tier: str
    algorithm: str
    keys: tuple[Key, ...]
    threshold: int
    min_sequence: int
    revoked: frozenset[str]


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
    revoked = {ref.rpartition(":")[2] for ref in value.revoked}
    for registered in charter.every("registry"):
        if registered.value.stage == "revoked":
            revoked.add(registered.value.ref.rpartition(":")[2])
    least = 2 if charter.requires(_TWO_FROM) else 1
    threshold = max(value.threshold, least)
    return Trust(
        charter.tier, value.algorithm, keys, threshold, value.min_sequence, frozenset(revoked)
    )


def _read_public(charter: Charter, id: str) -> bytes:
    path = f"{KEYS}/{id}.pub"
    data = charter.file(path)
    if isinstance(data, Unreadable):
        raise UserError(
            f"{path} {data.message.partition(';')[0]}",
            hint=f"save the public half of the key `{id}` there, in PEM",
        )
    return data
