"""What somebody tries who can write the store, or gives us a repository, but can't sign."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from shop import FIRST, NOW, SECOND, Shop, describe_release
from test_attacks import blobs, outcome, plain, put_envelope, read_envelope, refusal, roll_back
from test_release_command import run

from mlcharter.release import drafting, live, rolling_back, signing
from mlcharter.release.store import (
    ENVELOPE,
    NAME,
    SIGNED,
    TITLE,
    describe,
    describe_manifest,
)
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder

REGISTRIES = "versioning/registries.md"


def edit_index(shop: Shop, name: str, **changes: Any) -> None:
    """Change the entry of the index with this name."""
    path = shop.store.folder / "index.json"
    index = json.loads(path.read_bytes())
    (entry,) = [one for one in index["manifests"] if one["annotations"][NAME] == name]
    entry |= changes
    path.write_text(json.dumps(index))


# The layout


@pytest.mark.parametrize(
    "digest",
    [
        "sha256:../../../versioning/live.json",
        "sha256:/etc/passwd",
        "sha512:" + "0" * 64,
        "sha256:" + "A" * 64,
        "sha256:" + "0" * 63 + "\n",
        "sha256:" + "\uff10" * 64,
        "",
    ],
)
@pytest.mark.parametrize("name", [SECOND, SECOND + SIGNED])
def test_a_digest_is_no_path(shop: Shop, name: str, digest: str) -> None:
    edit_index(shop, name, digest=digest)

    assert refusal(shop.verify)


def test_a_name_of_signatures_belongs_to_one_release_too(shop: Shop) -> None:
    path = shop.store.folder / "index.json"
    path.write_text(path.read_text().replace(f'"{FIRST}.dsse"', f'"{SECOND}.dsse"'))

    assert refusal(shop.verify) == [f"{shop.store.folder} has 2 releases with this id"]


@pytest.mark.parametrize(
    "content",
    [
        b'{"schemaVersion":2,"manifests":[],"manifests":[]}',
        b'{"schemaVersion":1,"manifests":[]}',
        b'{"schemaVersion":2,"manifests":[{}]}',
        b'{"schemaVersion":2,"manifests":{}}',
        b"[" * 100_000,
        b"\xff\xfe",
        b"",
        b" " * (4 * 1024 * 1024 + 1),
    ],
    ids=["a key twice", "version", "no entry", "no list", "deep", "no text", "empty", "huge"],
)
def test_an_index_of_another_form_is_an_error(shop: Shop, content: bytes) -> None:
    (shop.store.folder / "index.json").write_bytes(content)

    with pytest.raises(UserError, match=r"index\.json is not valid"):
        shop.verify()
    with pytest.raises(UserError, match=r"index\.json is not valid"):
        roll_back(shop)


@pytest.mark.parametrize("kind", ["media type", "artifact type"])
def test_other_types_in_the_index_change_nothing(shop: Shop, kind: str) -> None:
    sound = shop.verify()
    key = "mediaType" if kind == "media type" else "artifactType"
    edit_index(shop, SECOND, **{key: "application/vnd.oci.image.index.v1+json\x1b[31m"})

    assert shop.verify() == sound


def test_a_blob_that_is_a_pipe_is_not_waited_for(shop: Shop) -> None:
    for path in blobs(shop).values():
        data = path.read_bytes()
        path.unlink()
        os.mkfifo(path)
        assert outcome(shop) is None
        path.unlink()
        path.write_bytes(data)


def test_a_blob_that_is_too_large_is_not_read_whole(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gigabyte of zeros takes no space on the attacker's disk."""
    with blobs(shop)["model/applied.json"].open("ab") as file:
        file.truncate(1024**3)
    sizes: list[int] = []
    read = os.read

    def count(number: int, size: int) -> bytes:
        data = read(number, size)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(os, "read", count)

    assert outcome(shop) is None
    assert sum(sizes) < 10 * 1024 * 1024


def test_the_blobs_may_not_be_elsewhere(shop: Shop) -> None:
    folder = shop.store.folder / "blobs"
    folder.rename(shop.keys / "blobs")
    folder.symlink_to(shop.keys / "blobs")

    assert outcome(shop) is None


@pytest.mark.parametrize("place", ["releases", "releases/blobs", "versioning/releases"])
def test_a_repository_cannot_lead_what_create_writes_out_of_it(
    new_shop: Shop, tmp_path: Path, place: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = new_shop.root / place
    if link.is_dir():
        for file in link.iterdir():
            file.rename(outside / file.name)
        link.rmdir()
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside)
    before = sorted(outside.iterdir())

    shown = run(new_shop, "create", "--key", str(new_shop.keys / "northbank-2026.pem"))

    assert shown.exit_code in (1, 2), shown.output
    assert sorted(outside.iterdir()) == before


def test_the_lock_may_not_be_a_link(new_shop: Shop, tmp_path: Path) -> None:
    (new_shop.root / "releases").mkdir()
    (new_shop.root / "releases/.lock").symlink_to(tmp_path / "outside")

    shown = run(new_shop, "create", "--key", str(new_shop.keys / "northbank-2026.pem"))

    assert shown.exit_code == 2
    assert not (tmp_path / "outside").exists()


def test_a_lock_that_is_a_pipe_is_not_waited_for(shop: Shop) -> None:
    (shop.store.folder / ".lock").unlink()
    os.mkfifo(shop.store.folder / ".lock")

    with pytest.raises(UserError):
        roll_back(shop)


@pytest.mark.parametrize("place", [live.PATH, f"versioning/releases/{FIRST}.dsse.json"])
def test_a_file_of_the_repository_may_not_lead_out_of_it(
    shop: Shop, tmp_path: Path, place: str
) -> None:
    """What it leads to is neither read nor replaced."""
    (shop.root / place).rename(tmp_path / "outside")
    (shop.root / place).symlink_to(tmp_path / "outside")
    before = (tmp_path / "outside").read_bytes()

    with pytest.raises(UserError):
        roll_back(shop)
    assert (tmp_path / "outside").read_bytes() == before


def test_a_public_key_may_not_lead_out_of_the_repository(shop: Shop, tmp_path: Path) -> None:
    key = shop.root / "versioning/keys/northbank-2026.pub"
    key.rename(tmp_path / "outside")
    key.symlink_to(tmp_path / "outside")

    with pytest.raises(UserError, match=r"northbank-2026\.pub lies outside the repository"):
        shop.trust()


# Text


HOSTILE = "x\x1b[2J\u202e\r\n::error::forged"


def test_annotations_are_printed_without_what_they_do_to_a_terminal(shop: Shop) -> None:
    """The manifest of the signatures is not signed, so anyone may write its annotations."""
    release = plain(shop.store.find(SECOND))
    layer = describe(b"{}", ENVELOPE, {TITLE: HOSTILE})
    manifest = describe_manifest(ENVELOPE, [layer], release)
    shop.store.put(manifest)
    shop.store.publish(SECOND, HOSTILE, release, {SIGNED: manifest.descriptor})

    shown = run(shop, "verify")

    assert shown.exit_code == 1
    assert not {"\x1b", "\u202e", "\r"} & set(shown.output)
    assert "\n::error::" not in shown.output


@pytest.mark.parametrize(
    "name", ["x\n::error::", "\x1b[31m", "../../etc", "release-2026-12 ", "r\u0435lease-2026-12"]
)
def test_a_name_that_is_not_in_the_store_is_refused(shop: Shop, name: str) -> None:
    shown = run(shop, "verify", name)

    assert shown.exit_code == 1
    assert "\x1b" not in shown.output and "\n::error::" not in shown.output


def test_a_commit_is_no_option_of_git(new_shop: Shop, tmp_path: Path) -> None:
    for option in (f"--output={tmp_path}/written", "--all", "-p"):
        with pytest.raises(UserError):
            drafting.draft(new_shop.request(commit=option))
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_what_is_live_has_no_key_twice(shop: Shop) -> None:
    """A deployment that takes the first of two would serve another release."""
    path = shop.root / live.PATH
    text = path.read_text()
    path.write_text(text.replace("{", '{"id": "release-2026-11",', 1))

    with pytest.raises(UserError, match="does not name a release"):
        live.read(Folder(shop.root))
    shop.commit("Name two")
    assert " damaged " in run(shop, "list").stdout.splitlines()[-1]


# Keys


def test_one_key_in_two_encodings_counts_once(shop: Shop) -> None:
    shop.add_key("twin", "@northbank/privacy", like="northbank-2026")
    shop.edit(REGISTRIES, "threshold: 1", "threshold: 2")
    keys = shop.root / "versioning/keys"
    key = load_pem_public_key((keys / "northbank-2026.pub").read_bytes())
    assert isinstance(key, EllipticCurvePublicKey)
    point = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    head = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    body = base64.b64encode(head + point).decode()
    pem = f"-----BEGIN PUBLIC KEY-----\n{body[:64]}\n{body[64:]}\n-----END PUBLIC KEY-----\n"
    (keys / "twin.pub").write_text(pem)
    assert pem.encode() != (keys / "northbank-2026.pub").read_bytes()

    assert refusal(shop.verify) == ["1 of 2 signatures by different keys of `signing`"]


def test_a_signature_with_the_other_root_is_by_the_same_key(shop: Shop) -> None:
    """Of an ECDSA signature (r, s), anyone can make (r, -s), which verifies too."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    shop.edit(REGISTRIES, "threshold: 1", "threshold: 2")
    envelope = read_envelope(shop)
    (one,) = envelope["signatures"]
    r, s = decode_dss_signature(base64.b64decode(one["sig"]))
    other = base64.b64encode(encode_dss_signature(r, order - s)).decode()
    envelope["signatures"].append({"keyid": "other", "sig": other})
    put_envelope(shop, json.dumps(envelope, indent=2).encode() + b"\n")

    assert refusal(shop.verify) == ["1 of 2 signatures by different keys of `signing`"]


def test_many_signatures_are_not_tried(shop: Shop) -> None:
    envelope = read_envelope(shop)
    envelope["signatures"] *= 33
    put_envelope(shop, json.dumps(envelope, indent=2).encode() + b"\n")

    assert refusal(shop.verify) == ["its envelope has more than 32 signatures"]


# At the same time


def test_a_rollback_while_a_release_is_made_goes_back_one_step(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is live is read under the lock: another process may have changed it until then."""
    roll_back(shop)
    store, locked = shop.store, type(shop.store).locked
    now = shop.root / live.PATH
    before = shop.git("show", f"HEAD:{live.PATH}")

    def release_first(self: Any) -> Any:
        now.write_text(before + "\n")
        return locked(self)

    monkeypatch.setattr(type(store), "locked", release_first)

    assert rolling_back.roll_back(shop.root, store, shop.trust(), NOW).now.id == FIRST


def test_two_releases_made_at_the_same_time_have_two_sequences(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were judged before one was written; the second is judged again under the lock."""
    describe_release(shop, "release-2027-01", 4, SECOND)
    shop.commit("Describe another")
    store, locked = shop.store, type(shop.store).locked

    def write_first(self: Any) -> Any:
        record = {"id": "release-2027-02", "sequence": 4, "previous": SECOND, "members": []}
        (shop.root / "versioning/releases/release-2027-02.json").write_text(json.dumps(record))
        return locked(self)

    monkeypatch.setattr(type(store), "locked", write_first)

    assert refusal(shop.create) == ["its sequence 4 is not above that of release-2027-02, 4"]


def test_a_second_command_waits_for_nobody(shop: Shop) -> None:
    with shop.store.locked(), pytest.raises(UserError, match="another command changes this store"):
        roll_back(shop)


# What a signer could be talked into


@pytest.mark.parametrize(
    "title", ["../../.ssh/authorized_keys", "/etc/passwd", "a/../../b", "a\\..\\b", "x\x1b[31m", ""]
)
def test_a_file_with_a_name_that_leads_elsewhere_is_refused_although_it_is_signed(
    shop: Shop, title: str
) -> None:
    """Tools such as `oras pull` write files under their titles."""
    old = shop.verify()
    manifest = json.loads(blobs(shop)["manifest"].read_bytes())
    manifest["layers"][0]["annotations"][TITLE] = title
    data = json.dumps(manifest, separators=(",", ":"), sort_keys=True).encode()
    blob = describe(data, "application/vnd.oci.image.manifest.v1+json")
    shop.store.put(blob)
    digest = blob.descriptor.sha256
    text = base64.b64decode(read_envelope(shop)["payload"]).replace(
        old.manifest.encode(), digest.encode()
    )
    envelope = describe(signing.sign(text, shop.signer()).encode(), ENVELOPE)
    signature = describe_manifest(ENVELOPE, [envelope], blob.descriptor)
    for one in (envelope, signature):
        shop.store.put(one)
    attached = {SIGNED: signature.descriptor}
    shop.store.publish(SECOND, "2026-11-24T08:00:00Z", blob.descriptor, attached)

    assert refusal(shop.verify) == ["a file has a name that is no path inside a folder"]


# Any JSON


HOSTILE_VALUES = [
    *(None, True, -1, 2**70, 1e999, float("nan"), "", "\ud800", "x\0", "../x", [], {}, [[]]),
    {"a": "\ud800"},
]


def replaced(content: Any) -> Iterator[Any]:
    """Yield a document with each of its values replaced by each hostile one."""
    yield from HOSTILE_VALUES
    items = content.items() if isinstance(content, dict) else enumerate(content)
    for key, inner in list(items):
        changes = replaced(inner) if isinstance(inner, dict | list) else iter(HOSTILE_VALUES)
        for changed in changes:
            copy = content.copy()
            copy[key] = changed
            yield copy


def compact(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()


def read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())


def accepts(action: Callable[[], object]) -> bool:
    """Return whether something is accepted; it may raise a UserError, and nothing else."""
    try:
        action()
    except UserError as error:
        str(error).encode("utf-8", "backslashreplace")
        return False
    return True


def test_an_index_of_any_values_is_refused_or_changes_nothing(shop: Shop) -> None:
    sound, trust = shop.verify(), shop.trust()
    path = shop.store.folder / "index.json"
    for content in replaced(read_json(path)):
        path.write_bytes(compact(content))
        if accepts(lambda: shop.verify(trust=trust)):
            assert shop.verify(trust=trust) == sound


def test_a_manifest_of_any_values_is_refused(shop: Shop) -> None:
    trust, folder = shop.trust(), shop.store.folder / "blobs/sha256"
    manifest = read_json(blobs(shop)["manifest"])
    manifest["layers"] = manifest["layers"][:2]
    for content in replaced(manifest):
        blob = describe(compact(content), "application/vnd.oci.image.manifest.v1+json")
        (folder / blob.descriptor.sha256).write_bytes(blob.data)
        found = {"digest": blob.descriptor.digest, "size": blob.descriptor.size}
        edit_index(shop, SECOND, **found)
        assert not accepts(lambda: shop.verify(trust=trust))
        # What names the signatures is not signed, and read first.
        edit_index(shop, SECOND + SIGNED, **found)
        assert not accepts(lambda: shop.verify(trust=trust))


def test_a_statement_of_any_values_is_refused_although_it_is_signed(shop: Shop) -> None:
    trust, signers = shop.trust(), shop.signer()
    statement = json.loads(base64.b64decode(read_envelope(shop)["payload"]))
    for content in replaced(statement):
        put_envelope(shop, signing.sign(compact(content), signers).encode())
        accepts(lambda: shop.verify(trust=trust))


def test_an_envelope_of_any_values_is_refused(shop: Shop) -> None:
    sound, trust = shop.verify(), shop.trust()
    for content in replaced(read_envelope(shop)):
        data = json.dumps(content, indent=2).encode() + b"\n"
        put_envelope(shop, data)
        if accepts(lambda: shop.verify(trust=trust)):
            assert shop.verify(trust=trust) == sound  # the id of a key is a hint


@pytest.mark.parametrize("name", ["live.json", f"releases/{SECOND}.json"])
def test_what_is_live_of_any_values_is_refused_or_verified(shop: Shop, name: str) -> None:
    path = shop.root / "versioning" / name
    trust = shop.trust()
    for content in replaced(read_json(path)):
        path.write_bytes(compact(content))
        if accepts(lambda: rolling_back.roll_back(shop.root, shop.store, trust, NOW, dry_run=True)):
            now = live.read(Folder(shop.root))
            assert now is not None
