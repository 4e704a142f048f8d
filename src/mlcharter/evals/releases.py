"""Releases for drills of a service: sound ones, and some with one thing changed.

A sound release is laid out and signed as `mlcharter release create` does it, with a new key. A
service must load it, and refuse each of `TAMPERED`.
"""

import base64
import datetime
import hashlib
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

_OCI = "application/vnd.oci.image.{}.v1+json"
_RELEASE = "application/vnd.mlcharter.release.v1+json"
_DSSE = "application/vnd.dsse.envelope.v1+json"
_STATEMENT = "application/vnd.in-toto+json"
_NOTE = "org.opencontainers.image."
_CREATED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Specimen:
    """A release in the store `folder`, what a deployment names, and whom the service trusts.

    `now` is the time at which it starts.
    """

    folder: Path
    content: dict[str, Any]
    files: Mapping[str, bytes]
    key: Any
    trust: dict[str, Any]
    name: str = ""
    now: datetime.datetime = _CREATED + datetime.timedelta(days=30)


def build(folder: Path, files: Mapping[str, bytes], *, sequence: int = 1) -> Specimen:
    """Write a release of these files, by `kind/name`, as JSON; return what is needed to load it."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    form = PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(Encoding.PEM, form).decode()
    days = {"not_before": "2025-12-01", "not_after": "2026-11-30"}
    owned = {"id": "drill", "owner": "@drill", "purpose": "release", **days, "pem": public}
    trust: dict[str, Any] = {
        "tier": "production",
        "algorithm": "ecdsa-p256",
        "keys": [owned],
        "threshold": 1,
    }
    trust |= {"min_sequence": 1, "revoked": []}
    kinds = sorted({name.partition("/")[0] for name in files})
    content: dict[str, Any] = {"id": f"release-{sequence}", "sequence": sequence, "previous": None}
    content |= {"commit": "0" * 40, "created": f"{_CREATED:%Y-%m-%dT%H:%M:%SZ}"}
    content |= {"approvedBy": ["@board"], "approvedOn": "2026-01-01", "required": kinds}
    content |= {"gates": {"quality": "pass"}}
    return _write(Specimen(folder, content, files, key, trust))


def _write(
    specimen: Specimen, payload: Callable[[bytes], bytes] = bytes, **envelope: Any
) -> Specimen:
    """Write the store of a specimen anew; `payload` changes what is signed."""
    layers = [
        _put(specimen, data, "application/json", title=f"{name}.json", ref=_ref(name, data))
        for name, data in specimen.files.items()
    ]
    release = _put_manifest(specimen, _RELEASE, layers)
    subject: list[Any] = [
        {"name": specimen.content["id"], "digest": {"sha256": release["digest"][7:]}}
    ]
    for name, data in specimen.files.items():
        subject.append({"name": name, "digest": {"sha256": hashlib.sha256(data).hexdigest()}})
    statement: dict[str, Any] = {"_type": "https://in-toto.io/Statement/v1", "subject": subject}
    statement["predicateType"] = "https://mlcharter.github.io/mlcharter/release/v1"
    statement["predicate"] = specimen.content
    signed = sign(specimen, payload(_canonical(statement))) | envelope
    text = json.dumps(signed, indent=2).encode() + b"\n"
    signature = _put_manifest(specimen, _DSSE, [_put(specimen, text, _DSSE)], release)
    id = specimen.content["id"]
    entries = [
        entry
        | {
            "annotations": {
                f"{_NOTE}ref.name": name,
                f"{_NOTE}created": specimen.content["created"],
            }
        }
        for name, entry in ((id, release), (f"{id}.dsse", signature))
    ]
    index = {"schemaVersion": 2, "mediaType": _OCI.format("index"), "manifests": entries}
    (specimen.folder / "index.json").write_bytes(_canonical(index))
    return replace(specimen, name=f"{id}@{release['digest']}")


def sign(specimen: Specimen, payload: bytes, kind: str = _STATEMENT) -> dict[str, Any]:
    """Return the DSSE envelope of a payload, signed by the key of a specimen."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    text = b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(payload), payload)
    raw = specimen.key.sign(text, ec.ECDSA(SHA256()))
    signature = {"keyid": "drill", "sig": base64.b64encode(raw).decode()}
    encoded = base64.b64encode(payload).decode()
    return {"payloadType": kind, "payload": encoded, "signatures": [signature]}


def _put_manifest(
    specimen: Specimen, kind: str, layers: list[Any], subject: Any = None
) -> dict[str, Any]:
    config = _put(specimen, b"{}", _OCI.format("empty").replace("image.", ""))
    media_type = _OCI.format("manifest")
    manifest: dict[str, Any] = {"schemaVersion": 2, "mediaType": media_type, "artifactType": kind}
    manifest |= {"config": config, "layers": layers} | ({"subject": subject} if subject else {})
    return _put(specimen, _canonical(manifest), media_type) | {"artifactType": kind}


def _put(specimen: Specimen, data: bytes, media_type: str, **notes: str) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    path = specimen.folder / "blobs/sha256" / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    found: dict[str, Any] = {"digest": f"sha256:{digest}", "mediaType": media_type}
    found["size"] = len(data)
    named = {"title": f"{_NOTE}title", "ref": "mlcharter.ref"}
    return found | (
        {"annotations": {named[key]: text for key, text in notes.items()}} if notes else {}
    )


def _ref(name: str, data: bytes) -> str:
    return f"{name}@sha256:{hashlib.sha256(data).hexdigest()}"


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


# What must not start

Spoil = Callable[[Specimen], Specimen]


def _blobs(specimen: Specimen) -> list[Path]:
    """Return the files of a release, the largest first."""
    found = (specimen.folder / "blobs/sha256").iterdir()
    return sorted(found, key=lambda path: (-path.stat().st_size, path.name))


def _flip(seed: int) -> Spoil:
    def spoil(specimen: Specimen) -> Specimen:
        drawn = random.Random(seed)
        named = [path for path in _blobs(specimen) if path.read_bytes() != b"{}"]
        path = drawn.choice(named)
        data = bytearray(path.read_bytes())
        data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
        path.write_bytes(data)
        return specimen

    return spoil


def _change(change: Callable[[Path, Path], object]) -> Spoil:
    """Spoil the largest file; another one is there to take from."""

    def spoil(specimen: Specimen) -> Specimen:
        one, other, *_ = _blobs(specimen)
        change(one, other)
        return specimen

    return spoil


def _swap(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def _link(one: Path, other: Path) -> None:
    moved = one.with_name("elsewhere")
    one.rename(moved)
    one.symlink_to(moved)


def _other_file(specimen: Specimen) -> Specimen:
    """Deploy the name of a sound release, with another model in the store."""
    files = {name: data + b" " for name, data in specimen.files.items()}
    return replace(_write(replace(specimen, files=files)), name=specimen.name)


def _content(**changes: Any) -> Spoil:
    """Sign and deploy other content: nothing is damaged, and it is refused all the same."""
    return lambda it: _write(replace(it, content=it.content | changes))


def _trust(**changes: Any) -> Spoil:
    return lambda it: replace(it, trust=it.trust | changes)


def _key(**changes: Any) -> Spoil:
    return lambda it: replace(it, trust=it.trust | {"keys": [it.trust["keys"][0] | changes]})


def _one_key_twice(specimen: Specimen) -> Specimen:
    (key,) = specimen.trust["keys"]
    keys = [key, key | {"id": "twin"}]
    return replace(specimen, trust=specimen.trust | {"keys": keys, "threshold": 2})


def _stranger(specimen: Specimen) -> Specimen:
    from cryptography.hazmat.primitives.asymmetric import ec

    return _write(replace(specimen, key=ec.generate_private_key(ec.SECP256R1())))


def _revoked(specimen: Specimen) -> Specimen:
    data = next(iter(specimen.files.values()))
    revoked = [hashlib.sha256(data).hexdigest()]
    return replace(specimen, trust=specimen.trust | {"revoked": revoked})


def _at(year: int, month: int) -> Spoil:
    now = datetime.datetime(year, month, 1, tzinfo=datetime.UTC)
    return lambda specimen: replace(specimen, now=now)


_FLIPS = 200
TAMPERED: list[tuple[str, Spoil]] = [
    *((f"bit flip {seed}", _flip(seed)) for seed in range(_FLIPS)),
    ("truncated", _change(lambda one, _: one.write_bytes(one.read_bytes()[:-1]))),
    ("longer", _change(lambda one, _: one.write_bytes(one.read_bytes() + b" "))),
    ("emptied", _change(lambda one, _: one.write_bytes(b""))),
    ("deleted", _change(lambda one, _: one.unlink())),
    ("swapped", _change(_swap)),
    ("a link", _change(_link)),
    ("another model under the same name", _other_file),
    ("a signature by a stranger", _stranger),
    ("no signature", lambda it: _write(it, signatures=[])),
    ("another payload type", lambda it: _write(it, payloadType="text/plain")),
    ("a statement in another spelling", lambda it: _write(it, lambda data: data + b" ")),
    ("a statement with a key more", lambda it: _write(it, lambda data: b'{"a":1,' + data[1:])),
    ("one key twice", _one_key_twice),
    ("an expired key", _key(not_after="2026-01-02")),
    ("a key of next month", _key(not_before="2026-03-01")),
    ("a demo key", _key(purpose="demo")),
    ("a key without an owner", _key(owner=None)),
    ("signed by who approved", _key(owner="@board")),
    ("a downgrade", _trust(min_sequence=2)),
    ("a revoked model", _revoked),
    ("a kind that is missing", _content(required=["environment"])),
    ("a gate that failed", _content(gates={"quality": "fail"})),
    ("a starter's gate", _content(gates={"quality": "starter"})),
    ("no gate", _content(gates={})),
    ("a clock set back", _at(2025, 12)),
    ("another name", lambda it: replace(it, name=f"{it.content['id']}@sha256:{'0' * 64}")),
    ("no name", lambda it: replace(it, name="")),
]
