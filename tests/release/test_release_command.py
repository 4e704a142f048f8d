"""`mlcharter release`: what it prints, and its exit codes."""

import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from shop import FIRST, NOW, SECOND, Shop

from mlcharter.cli import cli
from mlcharter.release import live, signing
from mlcharter.support.errors import UserError


def run(shop: Shop, *args: str, text: str = "") -> Result:
    return CliRunner().invoke(cli, ["release", *args, "-C", str(shop.root)], input=text)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlcharter.commands._release.common.now", lambda: NOW)


def test_a_release_is_made_verified_and_rolled_back(shop: Shop) -> None:
    digests = [shop.verify(id).manifest for id in (FIRST, SECOND)]

    shown = run(shop, "verify")
    assert (shown.exit_code, shown.stdout) == (
        0,
        f"{SECOND}@sha256:{digests[1]}: 11 files, signed by northbank-2026\n",
    )

    shown = run(shop, "rollback", "--dry-run")
    assert (shown.exit_code, shown.stdout) == (
        0,
        f"{FIRST}@sha256:{digests[0]} can be live, in place of {SECOND}\n",
    )
    assert shop.git("status", "--short") == ""

    shown = run(shop, "rollback")
    assert (shown.exit_code, shown.stdout) == (
        0,
        f"{FIRST}@sha256:{digests[0]} is live, in place of {SECOND}\n",
    )

    shop.commit("Roll back to November")
    shown = run(shop, "list")
    assert re.sub(r"  [0-9a-f]{12}  ", "  COMMIT  ", shown.stdout) == (
        f"2026-11-24  release  {FIRST}@sha256:{digests[0][:12]}  COMMIT  Ada\n"
        f"2026-11-24  release  {SECOND}@sha256:{digests[1][:12]}  COMMIT  Ada\n"
        f"2026-11-24  rollback  {FIRST}@sha256:{digests[0][:12]}  COMMIT  Ada\n"
    )


def test_create_prints_the_reference_that_a_deployment_names(new_shop: Shop) -> None:
    key = str(new_shop.keys / "northbank-2026.pem")

    shown = run(new_shop, "create", "--key", key)

    manifest = new_shop.verify(FIRST).manifest
    assert shown.stdout == f"{FIRST}@sha256:{manifest}\n"
    assert shown.stderr == (
        "note: there is no rollback to release-2026-10: "
        f"{new_shop.root}/releases does not have it\n"
    )
    assert shown.exit_code == 0


def test_create_can_be_tried_without_a_key_and_writes_nothing(new_shop: Shop) -> None:
    """So CI rebuilds a release before it attests it: the same commit gives the same digest."""
    shown = run(new_shop, "create", "--dry-run")

    digest = new_shop.draft().statement.manifest
    assert (shown.exit_code, shown.output) == (0, f"{FIRST}@sha256:{digest}\n")
    assert new_shop.git("status", "--short") == ""
    assert not new_shop.store.folder.exists()

    assert new_shop.create().manifest == digest
    assert run(new_shop, "create", "--dry-run").exit_code == 0
    new_shop.commit("Go on")
    shown = run(new_shop, "create", "--dry-run")
    assert (shown.exit_code, shown.stdout) == (1, "")


def test_create_needs_something_to_sign_with(new_shop: Shop) -> None:
    shown = run(new_shop, "create")

    assert shown.exit_code == 2
    assert shown.stderr.splitlines()[-1] == (
        "Error: name a --key or a --bundle, or --keyless or --dry-run"
    )


def test_a_file_that_is_no_bundle_is_refused(new_shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("{}")

    shown = run(new_shop, "create", "--bundle", str(tmp_path / "none"))

    assert (shown.exit_code, shown.stderr) == (
        1,
        f"refused: {FIRST}: it has a Sigstore bundle, but `signing` has no `identities`\n",
    )
    shown = run(new_shop, "create", "--bundle", str(tmp_path / "missing"))
    assert (shown.exit_code, shown.stderr) == (
        2,
        f"error: {tmp_path}/missing can't be read: No such file or directory\n"
        "  hint: name a file with a Sigstore bundle\n",
    )


def test_create_says_who_must_still_sign(new_shop: Shop) -> None:
    new_shop.add_key("second-2026", "@northbank/privacy")
    new_shop.edit("versioning/registries.md", "threshold: 1", "threshold: 2")
    commit = new_shop.commit()

    shown = run(new_shop, "create", "--key", str(new_shop.keys / "northbank-2026.pem"))

    assert shown.exit_code == 1
    assert shown.stderr.splitlines()[-1] == (
        "not live: 1 of 2 signatures; another person runs "
        f"`mlcharter release create --commit {commit[:12]}`"
    )


def test_each_reason_of_a_refusal_is_a_line(shop: Shop) -> None:
    shop.edit("versioning/registries.md", "min_sequence: 1", "min_sequence: 4")
    shop.edit("versioning/registries.md", "not_after: 2027-08-31", "not_after: 2026-10-31")

    shown = run(shop, "verify")

    assert (shown.exit_code, shown.stderr) == (
        1,
        f"refused: {SECOND}: 0 of 1 signatures by different keys of `signing`\n"
        f"refused: {SECOND}: the key `northbank-2026` expired on 2026-10-31\n"
        f"refused: {SECOND}: its sequence is 3, and `signing` accepts none below 4\n",
    )


def test_a_release_can_be_named_with_its_digest(shop: Shop) -> None:
    digest = shop.verify(FIRST).manifest

    assert run(shop, "verify", f"{FIRST}@sha256:{digest}").exit_code == 0
    shown = run(shop, "verify", f"{FIRST}@sha256:{'0' * 64}")
    assert shown.stderr == (f"refused: {FIRST}: its manifest is {digest[:12]}, not 000000000000\n")


def test_what_was_live_in_a_commit_that_damaged_it_is_listed_as_damaged(shop: Shop) -> None:
    (shop.root / live.PATH).write_text("\x1b[31m")
    shop.commit("\x1b[31mRed")

    assert " damaged " in run(shop, "list").stdout.splitlines()[-1]


@pytest.mark.parametrize("command", ["verify", "rollback"])
def test_text_of_the_repository_is_escaped(shop: Shop, command: str) -> None:
    content = {"id": "x\x1b[31m\n::error::", "sequence": 3, "manifest": "sha256:\x1b"}
    (shop.root / live.PATH).write_text(json.dumps(content))

    shown = run(shop, command)

    assert shown.exit_code in (1, 2)
    assert r"x\x1b[31m\n" in shown.stderr and "\x1b" not in shown.output


def test_nothing_is_live_before_the_first_release(new_shop: Shop) -> None:
    assert run(new_shop, "list").stdout == "no commit changes versioning/live.json yet\n"
    for command in ("verify", "rollback"):
        shown = run(new_shop, command)
        assert (shown.exit_code, shown.stderr) == (
            2,
            "error: no release is live\n  hint: make one with `mlcharter release create`\n",
        )


# Keys


def test_an_encrypted_key_asks_for_its_password(new_shop: Shop) -> None:
    path = new_shop.keys / "northbank-2026.pem"
    key = load_pem_private_key(path.read_bytes(), None)
    secret = BestAvailableEncryption(b"secret")
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret))

    assert run(new_shop, "create", "--key", str(path), text="wrong\n").exit_code == 2
    assert run(new_shop, "create", "--key", str(path), text="secret\n").exit_code == 0


def load(shop: Shop, reference: str) -> str:
    with pytest.raises(UserError) as caught:
        signing.load_signer(reference, shop.trust(), str)
    return caught.value.message


def test_a_key_that_signing_does_not_have_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.add_key("second-2026", "@northbank/privacy")
    first, second = shop.keys / "northbank-2026.pem", shop.keys / "second-2026.pem"
    (tmp_path / "text").write_text("text")

    assert load(shop, f"third={first}") == "`signing` has no key `third`"
    assert load(shop, f"northbank-2026={second}") == (
        f"{second} is not the private half of versioning/keys/northbank-2026.pub"
    )
    assert load(shop, f"{tmp_path}/text") == (
        f"{tmp_path}/text is not a private key that can be opened"
    )
    assert load(shop, f"{tmp_path}/none") == (
        f"{tmp_path}/none can't be read: No such file or directory"
    )
    assert load(shop, "northbank-2026=vault:key") == "no signer is known for vault:key"


def test_a_key_may_be_kept_by_a_service(shop: Shop) -> None:
    """securesystemslib reaches it by an address; that of a file needs no service."""
    address = f"northbank-2026=file2:{shop.keys / 'northbank-2026.pem'}"

    envelope = signing.sign(b"text", [signing.load_signer(address, shop.trust(), str)])

    (key,) = signing.find_signers(envelope, shop.trust())
    assert key.id == "northbank-2026"


def test_a_public_key_of_another_algorithm_is_refused(shop: Shop) -> None:
    shop.edit("versioning/registries.md", "algorithm: ecdsa-p256", "algorithm: ed25519")

    assert load(shop, str(shop.keys / "northbank-2026.pem")) == (
        "versioning/keys/northbank-2026.pub is not of the algorithm `ed25519` of `signing`"
    )


def test_a_missing_public_key_is_named(shop: Shop) -> None:
    (shop.root / "versioning/keys/northbank-2026.pub").unlink()

    with pytest.raises(UserError, match=r"^versioning/keys/northbank-2026.pub can't be read"):
        shop.trust()


def test_without_its_packages_it_says_what_to_install(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "securesystemslib", None)

    shown = run(shop, "verify")

    assert (shown.exit_code, shown.stderr) == (
        2,
        "error: releases are signed with packages that are missing\n"
        "  hint: install the extra `release`: `pip install cryptography securesystemslib`\n",
    )
