"""The release in a store, verified as `mlcharter release verify` does; whatever else is refused.

A deployment names the release with the digest of its manifest. Keys, their dates and what is
revoked are in versioning/trust.json, which belongs to the code: not to the store.
"""

import hashlib
import json
import os
import stat
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..digests import canonical

MAX_BYTES, MAX_JSON = 2**30, 2**22
NAME, CREATED = "org.opencontainers.image.ref.name", "org.opencontainers.image.created"
TITLE, REF = "org.opencontainers.image.title", "mlcharter.ref"
DAY = timedelta(days=1)


class RefusedError(ValueError):
    """The release may not serve; the message has one reason a line."""


class Part(BaseModel):
    """JSON of this shape, and of no other."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


class Descriptor(Part):
    media_type: str
    digest: str
    size: int
    artifact_type: str = ""
    annotations: dict[str, str] = {}

    @property
    def sha256(self) -> str:
        return self.digest.removeprefix("sha256:")


class Manifest(Part):
    schema_version: Literal[2]
    media_type: Literal["application/vnd.oci.image.manifest.v1+json"]
    artifact_type: Literal[
        "application/vnd.mlcharter.release.v1+json", "application/vnd.dsse.envelope.v1+json"
    ]
    config: Descriptor
    layers: list[Descriptor]
    subject: Descriptor | None = None


class Index(Part):
    schema_version: Literal[2] = 2
    media_type: str = ""
    manifests: list[Descriptor] = []


class Signature(Part):
    keyid: str
    sig: str


class Envelope(Part):
    payload_type: Literal["application/vnd.in-toto+json"]
    payload: str
    signatures: list[Signature] = Field(max_length=32)


class Digest(Part):
    sha256: str


class Subject(Part):
    name: str
    digest: Digest


class About(Part):
    id: str
    sequence: int
    previous: str | None
    commit: str
    created: str
    approved_by: list[str]
    approved_on: str
    required: list[str]
    gates: dict[str, str]


class Statement(Part):
    type_: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    subject: list[Subject] = Field(min_length=1)
    predicate_type: Literal["https://mlcharter.github.io/mlcharter/release/v1"]
    predicate: About


class Key(BaseModel):
    id: str
    owner: str | None
    purpose: str
    not_before: date
    not_after: date
    pem: str


class Trust(BaseModel):
    """What versioning/trust.json says; `mlcharter export trust` writes it."""

    tier: str
    algorithm: Literal["ecdsa-p256", "ed25519"]
    keys: list[Key]
    threshold: int = Field(gt=0)
    min_sequence: int
    revoked: list[str]


@dataclass(frozen=True)
class Release:
    """What may serve: digests of all members, and the bytes of some, each by `kind/name`."""

    id: str
    members: dict[str, str]
    files: dict[str, bytes] = field(repr=False)


def load(folder: Path, name: str, trust: Trust, now: datetime | None = None) -> Release:
    """Return the release `name` (ID@sha256:…) of the store in `folder`, or raise RefusedError."""
    try:
        return _load(folder, name, trust, now or datetime.now(UTC))
    except RefusedError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise RefusedError(f"{name or 'no release'} cannot be read: {error}") from error


def _load(folder: Path, name: str, trust: Trust, now: datetime) -> Release:
    own, _, pinned = name.partition("@sha256:")
    index = Index.model_validate_json(_read(folder / "index.json", MAX_JSON))
    release, signature = _find(index, own), _find(index, f"{own}.dsse")
    if release.sha256 != pinned:
        raise RefusedError(f"the manifest is {release.sha256[:12]}, not {pinned[:12]} as deployed")
    signed = _manifest(folder, signature)
    if signed.subject is None or signed.subject.digest != release.digest or len(signed.layers) != 1:
        raise RefusedError("its signatures are about another release")
    envelope, payload = _envelope(_blob(folder, signed.layers[0], MAX_JSON))
    statement = Statement.model_validate_json(payload)
    about, subjects = statement.predicate, statement.subject
    if canonical(json.loads(payload)) != payload or about.id != own:
        raise RefusedError("its statement is about another release, or spelled differently")
    if subjects[0].digest.sha256 != pinned:
        raise RefusedError("its signatures are about another release")
    made = max(about.created, *(entry.annotations.get(CREATED, "") for entry in index.manifests))
    if wrong := [*_unsigned(envelope, payload, about, trust, now), *_unfit(statement, trust)]:
        raise RefusedError("\n".join(wrong))
    if f"{now + DAY:%Y-%m-%dT%H:%M:%SZ}" < made:
        raise RefusedError(f"the clock says {now:%Y-%m-%d}, but a release is of {made[:10]}")
    layers = _manifest(folder, release).layers
    titles = {layer.annotations.get(TITLE, "") for layer in layers}
    members = {subject.name: subject.digest.sha256 for subject in subjects[1:]}
    refs = {f"{member}@sha256:{digest}" for member, digest in members.items()}
    if len(titles) < len(layers) or len(layers) > 1000:
        raise RefusedError("two of its files have one name, or it has more than 1000")
    if not all(map(_is_path, titles)):
        raise RefusedError("a file has a name that is no path inside a folder")
    if {layer.annotations.get(REF) for layer in layers} - {None, *refs}:
        raise RefusedError("one of its files is not a member")
    if revoked := {layer.sha256 for layer in layers} & {*trust.revoked}:
        raise RefusedError(f"{min(revoked)[:12]} is revoked")
    read = {layer.annotations.get(REF, ""): _blob(folder, layer) for layer in layers}
    return Release(name, members, {ref.partition("@")[0]: read[ref] for ref in read if ref})


def _unsigned(
    envelope: Envelope, payload: bytes, about: About, trust: Trust, now: datetime
) -> Iterator[str]:
    """Yield that too few signed, with different keys that count today; an owner counts once."""
    kind = envelope.payload_type.encode()
    text = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    signers: dict[bytes, Key] = {}
    for key in trust.keys:
        public = load_pem_public_key(key.pem.encode())
        if any(_verifies(public, one.sig, text, trust.algorithm) for one in envelope.signatures):
            signers.setdefault(_raw(public), key)
    counting = (key for key in signers.values() if _counts(key, about, trust.tier, now.date()))
    count = len({(key.owner or key.id).casefold() for key in counting})
    if count < trust.threshold:
        yield f"{count} of {trust.threshold} signatures by different keys that count today"


def _counts(key: Key, about: About, tier: str, today: date) -> bool:
    if not key.not_before - DAY <= today <= key.not_after + DAY:
        return False
    approved_by = map(str.casefold, about.approved_by)
    owned = key.owner is not None and key.owner.casefold() not in approved_by
    return tier == "prototype" or (key.purpose != "demo" and owned)


def _raw(public: object) -> bytes:
    if isinstance(public, EllipticCurvePublicKey):
        return repr(public.public_numbers()).encode()
    return public.public_bytes_raw() if isinstance(public, Ed25519PublicKey) else b""


def _verifies(public: object, signature: str, text: bytes, algorithm: str) -> bool:
    try:
        raw = b64decode(signature, validate=True)
        if algorithm == "ed25519" and isinstance(public, Ed25519PublicKey):
            public.verify(raw, text)
            return True
        if isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, SECP256R1):
            public.verify(raw, text, ECDSA(SHA256()))
            return algorithm == "ecdsa-p256"
    except (ValueError, InvalidSignature):
        pass
    return False


def _unfit(statement: Statement, trust: Trust) -> Iterator[str]:
    """Yield why what was signed may not serve, whoever has signed it."""
    about, members = statement.predicate, statement.subject[1:]
    if about.sequence < trust.min_sequence:
        yield f"its sequence is {about.sequence}, below {trust.min_sequence}"
    kinds = {member.name.partition("/")[0] for member in members}
    yield from (f"it pins no {kind}" for kind in about.required if kind not in kinds)
    counted = Counter(member.name for member in members)
    yield from (f"it pins {name} twice" for name, count in counted.items() if count > 1)
    for subject in statement.subject:
        if subject.digest.sha256 in trust.revoked:
            yield f"{subject.name} is revoked"
    passing = {"pass", "warn", "waived"} | ({"starter"} if trust.tier == "prototype" else set())
    if not about.gates:
        yield "no gate was decided"
    yield from (f"gate {gate}: {it}" for gate, it in about.gates.items() if it not in passing)


def _is_path(title: str) -> bool:
    parts = {*title.split("/")}
    return not {"", ".", ".."} & parts and "\\" not in title and title.isprintable()


def _envelope(data: bytes) -> tuple[Envelope, bytes]:
    envelope = Envelope.model_validate_json(data)
    text = json.dumps(envelope.model_dump(by_alias=True), indent=2, ensure_ascii=False)
    payload = b64decode(envelope.payload, validate=True)
    if text.encode() + b"\n" != data or b64encode(payload).decode() != envelope.payload:
        raise RefusedError("its envelope is spelled differently")
    return envelope, payload


def _find(index: Index, name: str) -> Descriptor:
    found = [entry for entry in index.manifests if entry.annotations.get(NAME) == name]
    if len(found) != 1:
        raise RefusedError(f"the store has {len(found)} entries {name!r}, not one")
    return found[0]


def _manifest(folder: Path, descriptor: Descriptor) -> Manifest:
    data = _blob(folder, descriptor, MAX_JSON)
    manifest = Manifest.model_validate_json(data)
    if canonical(manifest.model_dump(by_alias=True, exclude_defaults=True)) != data:
        raise RefusedError("its manifest is spelled differently")
    return manifest


def _blob(folder: Path, descriptor: Descriptor, limit: int | None = None) -> bytes:
    """Return the bytes of a file, read once, so that what was verified is what is used."""
    name = descriptor.annotations.get(TITLE, descriptor.sha256[:12])
    if len(descriptor.sha256) != 64 or not set(descriptor.sha256) <= set("0123456789abcdef"):
        raise RefusedError(f"{name} has no SHA-256 digest")
    try:
        if (folder / "blobs").is_symlink() or (folder / "blobs/sha256").is_symlink():
            raise OSError("a folder of the store is a link")
        most = min(descriptor.size, limit or MAX_BYTES)
        data = _read(folder / "blobs/sha256" / descriptor.sha256, most)
    except OSError as error:
        raise RefusedError(f"{name} is missing: {error}") from error
    if len(data) != descriptor.size or hashlib.sha256(data).hexdigest() != descriptor.sha256:
        raise RefusedError(f"{name} has other bytes than those that were signed")
    return data


def _read(path: Path, limit: int) -> bytes:
    """Return the bytes of a file; a link, a pipe and what is too long is an OSError."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise OSError(f"{path.name} is no file of at most {limit} bytes")
        return file.read(limit)
