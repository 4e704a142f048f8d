"""What somebody tries who can write to the repository or the store, but can't sign."""

import json
import pickle
from typing import Any

import msgspec
import pytest
from shop import FIRST, NOW, SECOND, Shop
from test_attacks import blobs, put_envelope, refusal, roll_back
from test_creating import MODEL, REGISTRIES
from test_release_command import run
from test_unmeasured import edit_model

from mlcharter.export.kinds import trust as trust_file
from mlcharter.release import drafting, evidence, live, signing, statement


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlcharter.commands._release.common.now", lambda: NOW)


def test_signatures_that_nobody_trusts_are_dropped_and_keep_nobody_from_signing(
    new_shop: Shop,
) -> None:
    """With as many as an envelope may have, one more would make it one that nobody reads."""
    draft = new_shop.draft()
    junk = [signing.Signature(f"junk-{n}", "AA==") for n in range(32)]
    envelope = signing.sign(statement.encode(draft.statement), ())
    path = new_shop.root / live.ENVELOPE.format(FIRST)
    path.write_bytes(msgspec.structs.replace(envelope, signatures=tuple(junk)).encode())

    created = new_shop.create()

    assert (created.live, created.signatures) == (True, 1)
    kept = signing.parse(path.read_bytes(), FIRST)
    assert [one.keyid for one in kept.signatures] == ["northbank-2026"]


def test_a_rollback_goes_to_the_release_that_was_signed_as_the_one_before(shop: Shop) -> None:
    """The record is not signed: whoever edits it could choose an older release."""
    path = shop.root / f"versioning/releases/{SECOND}.json"
    path.write_text(path.read_text().replace(FIRST, "release-2026-10"))

    assert refusal(lambda: roll_back(shop)) == [
        f"versioning/releases/{SECOND}.json has another `previous` than what was signed; "
        "restore it from Git"
    ]


def test_what_is_live_has_the_sequence_that_was_signed(shop: Shop) -> None:
    """By it, a rollback decides what is older."""
    path = shop.root / live.PATH
    path.write_text(path.read_text().replace('"sequence": 3', '"sequence": 99'))
    reason = f"{live.PATH} has the sequence 99, and 3 was signed; restore it from Git"

    assert refusal(lambda: roll_back(shop)) == [reason]
    shown = run(shop, "verify")
    assert (shown.exit_code, shown.output) == (1, f"refused: {SECOND}: {reason}\n")


def test_a_service_reads_no_more_of_a_file_than_was_signed(
    shop: Shop, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes the store could fill the memory before a digest is compared."""
    name = f"{SECOND}@sha256:{shop.store.find(SECOND).sha256}"
    given = service.Trust.model_validate_json(trust_file.encode(shop.trust()))
    largest, read = [0], service.os.fdopen

    def fdopen(*args: Any) -> Any:
        file = read(*args)
        inner = file.read

        class Counted:
            def __enter__(self) -> Any:
                return self

            def __exit__(self, *error: object) -> None:
                file.close()

            def fileno(self) -> int:
                return int(file.fileno())

            def read(self, count: int) -> bytes:
                data: bytes = inner(count)
                largest[0] = max(largest[0], len(data))
                return data

        return Counted()

    monkeypatch.setattr(service.os, "fdopen", fdopen)
    for path in (shop.store.folder / "index.json", blobs(shop)["model/applied.json"]):
        before = path.read_bytes()
        path.write_bytes(before + b" " * 5_000_000)
        with pytest.raises(service.RefusedError):
            service.load(shop.store.folder, name, given, NOW)
        path.write_bytes(before)
    assert 0 < largest[0] < 5_000_000


def test_two_keys_of_one_person_count_once(shop: Shop, both_verify: None) -> None:
    """A second key is a command away; a second person is not."""
    shop.add_key("spare-2026", "@northbank/Lab-IT")
    shop.edit("versioning/registries.md", "threshold: 1", "threshold: 2")
    payload = signing.parse(blobs(shop)["envelope"].read_bytes(), SECOND).content
    both = signing.sign(payload, shop.signer("northbank-2026", "spare-2026"))
    put_envelope(shop, both.encode())

    assert refusal(shop.verify) == [
        "1 of 2 signatures by different keys of `signing`",
        "`northbank-2026` and `spare-2026` are keys of one owner, and count once",
    ]
    assert json.loads(trust_file.encode(shop.trust()))["threshold"] == 2


def test_whoever_approves_under_another_spelling_does_not_sign(
    shop: Shop, both_verify: None
) -> None:
    """GitHub and GitLab take @Ada for @ada."""
    shop.edit("versioning/registries.md", '"@northbank/lab-it", p', '"@northbank/Quality", p')

    assert refusal(shop.verify)[1:] == [
        "@northbank/Quality approved the release and has the key `northbank-2026`"
    ]


@pytest.mark.parametrize("protocol", [0, 5])
@pytest.mark.parametrize("path", ["weights", "weights.py"])
def test_a_pickle_is_not_released_as_a_package(
    new_shop: Shop, monkeypatch: pytest.MonkeyPatch, path: str, protocol: int
) -> None:
    """A package is installed and not in the store: its digest would be signed, its bytes unread."""
    (new_shop.root / path).write_bytes(pickle.dumps({"weights": [1.0]}, protocol))
    edit_model(new_shop, "format: json", "format: package")
    new_shop.edit(REGISTRIES, f"path: {MODEL}", f"path: {path}")
    new_shop.commit("Register a pickle as a package")
    monkeypatch.setattr(evidence, "find_problems", lambda *_: [])
    monkeypatch.setattr(drafting, "_check", lambda *_: None)

    assert refusal(new_shop.create) == [
        f"`model/applied`: {path} is not Python, so it is no package; name the format of the file"
    ]
