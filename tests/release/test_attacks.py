"""A release that somebody changed, replaced or replayed does not serve."""

import base64
import datetime
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner
from shop import FIRST, NOW, SECOND, Shop

from mlcharter.release import live, rolling_back, signing, verifying
from mlcharter.release.refusal import RefusedError
from mlcharter.release.store import ENVELOPE, NAME, SIGNED, TITLE, describe, describe_manifest
from mlcharter.release.trust import Trust
from mlcharter.release.verifying import Verified
from mlcharter.support.errors import UserError

REGISTRIES = "versioning/registries.md"
LINE = 'owner: "@northbank/lab-it", purpose: release, not_before: 2026-09-01'


def refusal(action: Callable[[], object]) -> list[str]:
    with pytest.raises(RefusedError) as caught:
        action()
    return list(caught.value.reasons)


# Changed bytes


def blobs(shop: Shop, id: str = SECOND) -> dict[str, Path]:
    """Return the files of a release in the store, by their names."""
    store, folder = shop.store, shop.store.folder / "blobs/sha256"
    release = store.find(id)
    signature = store.find(f"{id}.dsse")
    (envelope,) = store.manifest(signature, id).layers
    found = {"manifest": release, "signature": signature, "envelope": envelope}
    found |= {layer.annotations[TITLE]: layer for layer in store.manifest(release, id).layers}
    return {name: folder / one.sha256 for name, one in found.items()}


def outcome(shop: Shop, trust: Trust | None = None) -> Verified | None:
    """Return what verification accepts; None if it refuses."""
    try:
        return shop.verify(trust=trust)
    except UserError:
        return None


def flips(data: bytes, count: int) -> Iterator[bytes]:
    """Yield the data with one bit flipped, at places spread over all of it."""
    for n in range(count):
        place = n * len(data) // count
        changed = bytearray(data)
        changed[place] ^= 1 << (n % 8)
        yield bytes(changed)


def test_no_file_of_a_release_may_have_a_flipped_bit(shop: Shop) -> None:
    files, trust, tried = blobs(shop), shop.trust(), 0
    assert len(files) == 14
    for name, path in files.items():
        data = path.read_bytes()
        for changed in flips(data, 40):
            path.write_bytes(changed)
            assert outcome(shop, trust) is None, name
            tried += 1
        path.write_bytes(data)
    assert tried == 560
    assert outcome(shop) is not None


def test_a_flipped_bit_in_the_index_changes_nothing_or_is_refused(shop: Shop) -> None:
    """The index is not signed: it only says where to look."""
    sound, trust = shop.verify(), shop.trust()
    path = shop.store.folder / "index.json"
    for changed in flips(path.read_bytes(), 400):
        path.write_bytes(changed)
        assert outcome(shop, trust) in (None, sound)


def test_no_bit_of_what_is_signed_may_flip_even_with_a_fitting_digest(shop: Shop) -> None:
    """Who can write the store can correct digests, but cannot sign."""
    release, trust = shop.store.find(SECOND), shop.trust()
    data = blobs(shop)["envelope"].read_bytes()
    for changed in flips(data, 300):
        put_envelope(shop, changed)
        accepted = outcome(shop, trust)
        assert accepted is None or b"keyid" in changed
    put_envelope(shop, data)
    assert outcome(shop) is not None
    assert shop.store.find(SECOND).digest == release.digest


def put_envelope(shop: Shop, data: bytes) -> None:
    """Store an envelope of the second release as `create` would."""
    release = shop.store.find(SECOND)
    layer = describe(data, ENVELOPE)
    signature = describe_manifest(ENVELOPE, [layer], plain(release))
    for blob in (layer, signature):
        shop.store.put(blob)
    attached = {SIGNED: signature.descriptor}
    shop.store.publish(SECOND, "2026-11-24T08:00:00Z", plain(release), attached)


def plain(descriptor: Any) -> Any:
    """Return a descriptor without the annotations that the index gives it."""
    fields = ("media_type", "digest", "size", "artifact_type")
    return type(descriptor)(*(getattr(descriptor, field) for field in fields))


@pytest.mark.parametrize("spoil", ["delete", "truncate", "empty", "extend", "link out"])
def test_no_file_may_be_missing_or_of_another_length(shop: Shop, spoil: str) -> None:
    for name, path in blobs(shop).items():
        data = path.read_bytes()
        if spoil in ("delete", "link out"):
            path.unlink()
        if spoil == "link out":
            (shop.keys / "elsewhere").write_bytes(data)
            path.symlink_to(shop.keys / "elsewhere")
        if spoil in ("truncate", "empty", "extend"):
            path.write_bytes({"truncate": data[:-1], "empty": b"", "extend": data + b"\n"}[spoil])
        assert outcome(shop) is None, name
        path.unlink(missing_ok=True)
        path.write_bytes(data)
    assert outcome(shop) is not None


def test_what_nobody_names_is_not_read(shop: Shop) -> None:
    sound = shop.verify()
    (shop.store.folder / "blobs/sha256/evil").write_text("evil")
    (shop.store.folder / "model.json").write_text("evil")

    assert shop.verify() == sound


def test_two_files_may_not_be_swapped(shop: Shop) -> None:
    files = blobs(shop)
    one, other = files["model/applied.json"], files["docs/cards/model.md"]
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)

    assert len(refusal(shop.verify)) == 2


# Another manifest, with digests that fit


def rewrite(shop: Shop, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest of the second release, and name the new one in the index."""
    path = shop.store.folder / "index.json"
    index = json.loads(path.read_bytes())
    entry = next(e for e in index["manifests"] if e.get("annotations", {}).get(NAME) == SECOND)
    manifest = json.loads(blobs(shop)["manifest"].read_bytes())
    change(manifest)
    data = json.dumps(manifest, separators=(",", ":"), sort_keys=True).encode()
    digest = hashlib.sha256(data).hexdigest()
    (shop.store.folder / "blobs/sha256" / digest).write_bytes(data)
    entry |= {"digest": f"sha256:{digest}", "size": len(data)}
    path.write_text(json.dumps(index))


def swap(manifest: dict[str, Any]) -> None:
    one, other, *_ = manifest["layers"]
    one["digest"], other["digest"] = other["digest"], one["digest"]


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["layers"].pop(),
        lambda manifest: manifest["layers"].append(manifest["layers"][0]),
        lambda manifest: manifest["layers"].reverse(),
        swap,
    ],
    ids=["removed", "added", "in another order", "swapped"],
)
def test_the_list_of_files_is_signed(shop: Shop, change: Callable[[dict[str, Any]], None]) -> None:
    rewrite(shop, change)

    assert refusal(shop.verify) == ["it is not signed"]


def test_a_signature_of_another_release_does_not_count(shop: Shop) -> None:
    put_envelope(shop, blobs(shop, FIRST)["envelope"].read_bytes())

    assert refusal(shop.verify) == ["its signatures are about another release"]


def test_a_release_under_the_name_of_another_is_refused(shop: Shop) -> None:
    path = shop.store.folder / "index.json"
    text = path.read_text().replace(SECOND, "x").replace(FIRST, SECOND)
    path.write_text(text)

    assert refusal(shop.verify) == ["its signatures are about another release"]


def test_a_name_belongs_to_one_release(shop: Shop) -> None:
    path = shop.store.folder / "index.json"
    path.write_text(path.read_text().replace(f'"{FIRST}"', f'"{SECOND}"'))

    assert refusal(shop.verify) == [f"{shop.store.folder} has 2 releases with this id"]


def test_a_store_that_another_tool_wrote_is_read(shop: Shop) -> None:
    """As skopeo copies it from a registry: without the annotations and types of our index."""
    sound = shop.verify()
    keys = ("mediaType", "digest", "size")
    listed = [
        {key: entry[key] for key in keys} | {"annotations": {NAME: entry["annotations"][NAME]}}
        for entry in json.loads((shop.store.folder / "index.json").read_bytes())["manifests"]
    ]
    index = {"schemaVersion": 2, "manifests": listed}
    (shop.store.folder / "index.json").write_text(json.dumps(index))
    (shop.store.folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    assert shop.verify() == sound
    assert roll_back(shop).now.id == FIRST


def test_a_release_that_is_pinned_is_no_other(shop: Shop) -> None:
    def verify() -> object:
        return verifying.verify(shop.store, SECOND, shop.trust(), NOW, pinned="0" * 64)

    assert refusal(verify)[0].endswith(", not 000000000000")


# Signatures


def read_envelope(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(blobs(shop)["envelope"].read_bytes())
    return found


def put(shop: Shop, envelope: dict[str, Any]) -> None:
    put_envelope(shop, json.dumps(envelope, indent=2).encode() + b"\n")


FEW = "0 of 1 signatures by different keys of `signing`"


def test_without_a_signature_it_is_refused(shop: Shop) -> None:
    put(shop, read_envelope(shop) | {"signatures": []})
    assert refusal(shop.verify) == [FEW]


def test_a_signature_by_another_key_does_not_count(shop: Shop) -> None:
    made = Envelope(base64.b64decode(read_envelope(shop)["payload"]), signing.PAYLOAD_TYPE, {})
    made.sign(CryptoSigner.generate_ecdsa(keyid="northbank-2026"))
    content = made.to_dict()
    (one,) = content["signatures"]
    put(shop, read_envelope(shop) | {"signatures": [one]})

    assert refusal(shop.verify) == [FEW]


def test_the_key_id_of_a_signature_decides_nothing(shop: Shop) -> None:
    envelope = read_envelope(shop)
    envelope["signatures"][0]["keyid"] = "someone"
    put(shop, envelope)

    assert shop.verify().signers == ("northbank-2026",)


def test_one_key_under_two_ids_counts_once(shop: Shop) -> None:
    shop.add_key("twin", "@northbank/privacy", like="northbank-2026")
    shop.edit(REGISTRIES, "threshold: 1", "threshold: 2")
    payload = base64.b64decode(read_envelope(shop)["payload"])
    put_envelope(shop, signing.sign(payload, shop.signer("northbank-2026")).encode())
    both = [*shop.signer("northbank-2026"), *shop.signer("northbank-2026")]
    twice = signing.sign(payload, both)
    again = signing.Signature("twin", twice.signatures[1].sig)
    signatures = (twice.signatures[0], again)
    put_envelope(shop, signing.Envelope(twice.payload_type, twice.payload, signatures).encode())

    assert refusal(shop.verify) == ["1 of 2 signatures by different keys of `signing`"]


def test_a_signature_of_another_payload_type_does_not_count(shop: Shop) -> None:
    """The type is signed too, so that text signed for one purpose is not read for another."""
    payload = base64.b64decode(read_envelope(shop)["payload"])
    made = Envelope(payload, "text/plain", {})
    made.sign(shop.signer()[0])
    content = made.to_dict()
    put(shop, content)
    assert refusal(shop.verify) == [f"its envelope is not of type {signing.PAYLOAD_TYPE}"]

    put(
        shop,
        {"payloadType": signing.PAYLOAD_TYPE} | content | {"payloadType": signing.PAYLOAD_TYPE},
    )
    assert refusal(shop.verify)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"_type"', b'"_type":"x","_type"'),
        (b'"sequence":3', b'"sequence":3,"more":1'),
        (b'"sequence":3', b'"sequence": 3'),
        (b"in-toto.io/Statement/v1", b"in-toto.io/Statement/v0.1"),
        (b"release/v1", b"approval/v1"),
        (b'"sequence":3', b'"sequence":"3"'),
    ],
)
def test_a_signed_payload_that_is_no_such_statement_is_refused(
    shop: Shop, old: bytes, new: bytes
) -> None:
    payload = base64.b64decode(read_envelope(shop)["payload"])
    assert old in payload
    put_envelope(shop, signing.sign(payload.replace(old, new, 1), shop.signer()).encode())

    assert refusal(shop.verify)[0].startswith("its statement is not ")


# What a signature cannot say


def resign(shop: Shop, **changes: Any) -> None:
    """Sign the second release again, with another predicate."""
    payload = base64.b64decode(read_envelope(shop)["payload"])
    content = json.loads(payload)
    content["predicate"] |= changes
    data = json.dumps(content, separators=(",", ":"), sort_keys=True).encode()
    put_envelope(shop, signing.sign(data, shop.signer()).encode())


def test_a_sequence_below_the_least_is_refused(shop: Shop) -> None:
    shop.edit(REGISTRIES, "min_sequence: 1", "min_sequence: 3")

    assert shop.verify(SECOND)
    assert refusal(lambda: shop.verify(FIRST)) == [
        "its sequence is 2, and `signing` accepts none below 3"
    ]
    assert refusal(lambda: rolling_back.roll_back(shop.root, shop.store, shop.trust(), NOW)) == [
        "its sequence is 2, and `signing` accepts none below 3"
    ]


@pytest.mark.parametrize("where", ["signing", "registry"])
def test_a_revoked_digest_is_refused(shop: Shop, where: str) -> None:
    model = "model/applied@sha256:e5fc086b1c7018ed623a2f55cc7d943facb02a659d20bed49f2f84bb71c1d8ed"
    if where == "signing":
        shop.edit(REGISTRIES, "revoked: []", f"revoked: [{model}]")
    else:
        text = (shop.root / REGISTRIES).read_text()
        (shop.root / REGISTRIES).write_text(
            text.replace("  stage: released\n", "  stage: revoked\n", 1)
        )

    assert refusal(shop.verify) == ["`model/applied` is revoked"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"required": ["dataset", "eval", "model", "prompt"]},
            "it pins no prompt, which is required",
        ),
        ({"gates": {}}, "no gate was decided"),
        ({"gates": {"auc-overall": "fail"}}, "gate `auc-overall`: fail"),
        ({"gates": {"auc-overall": "starter"}}, "gate `auc-overall`: starter"),
    ],
)
def test_an_incomplete_or_ungated_release_is_refused_although_it_is_signed(
    shop: Shop, changes: dict[str, Any], reason: str
) -> None:
    resign(shop, **changes)

    assert refusal(shop.verify) == [reason]


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (datetime.datetime(2027, 9, 2, tzinfo=datetime.UTC), "expired on 2027-08-31"),
        (datetime.datetime(2026, 8, 30, tzinfo=datetime.UTC), "is valid from 2026-09-01 on"),
    ],
)
def test_a_key_counts_only_from_its_first_to_its_last_day(
    shop: Shop, now: datetime.datetime, reason: str
) -> None:
    assert f"the key `northbank-2026` {reason}" in refusal(lambda: shop.verify(now=now))


def test_a_clock_that_was_set_back_is_refused(shop: Shop) -> None:
    """With it, an expired key would seem valid."""
    back = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)

    assert refusal(lambda: shop.verify(now=back)) == [
        "the clock says 2026-10-01, but a release is of 2026-11-24; correct the clock"
    ]


# Rollback


def roll_back(shop: Shop) -> rolling_back.RolledBack:
    return rolling_back.roll_back(shop.root, shop.store, shop.trust(), NOW)


def test_a_rollback_restores_the_release_before_byte_for_byte(shop: Shop) -> None:
    before = shop.git("show", f"HEAD~1:{live.PATH}").encode() + b"\n"
    store = {path: path.read_bytes() for path in shop.store.folder.rglob("*") if path.is_file()}

    assert roll_back(shop).now.id == FIRST

    assert (shop.root / live.PATH).read_bytes() == before
    assert {p: p.read_bytes() for p in shop.store.folder.rglob("*") if p.is_file()} == store


def test_a_rollback_works_when_the_live_release_is_damaged(shop: Shop) -> None:
    ours, shared = blobs(shop, SECOND), set(blobs(shop, FIRST).values())
    for path in ours.values():
        if path not in shared:
            path.write_bytes(b"damaged")
    assert outcome(shop) is None

    assert roll_back(shop).now.id == FIRST


def test_a_rollback_to_a_damaged_release_changes_nothing(shop: Shop) -> None:
    before = (shop.root / live.PATH).read_bytes()
    blob = blobs(shop, FIRST)["docs/eval_pack.md"]
    size = blob.stat().st_size
    blob.unlink()

    assert refusal(lambda: roll_back(shop)) == [
        f"docs/eval_pack.md is missing from {shop.store.folder}, or has more than {size} bytes"
    ]
    assert (shop.root / live.PATH).read_bytes() == before


def test_before_the_first_release_there_is_nothing_to_roll_back_to(shop: Shop) -> None:
    roll_back(shop)

    assert refusal(lambda: roll_back(shop)) == [
        "versioning/releases/release-2026-10.dsse.json does not exist; restore it from Git"
    ]


def test_a_rollback_goes_down_in_sequence_only(shop: Shop) -> None:
    """A record that names a later release as the one before would be a way round `min_sequence`."""
    roll_back(shop)
    path = shop.root / f"versioning/releases/{FIRST}.json"
    path.write_text(path.read_text().replace("release-2026-10", SECOND))
    (shop.root / live.ENVELOPE.format(FIRST)).unlink()  # it says which one was before

    assert refusal(lambda: roll_back(shop)) == ["its sequence is 3, not a lower one"]
    assert json.loads((shop.root / live.PATH).read_bytes())["id"] == FIRST
