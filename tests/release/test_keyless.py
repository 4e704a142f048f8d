"""A Sigstore bundle counts as a signature, judged offline by what the repository pins."""

import base64
import datetime
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from mock_sigstore import AT, Sigstore
from shop import FIRST, NOW, SECOND, Shop, make_key
from sigstore.models import ClientTrustConfig
from test_attacks import blobs, plain, refusal
from test_outsider import replaced
from test_release_command import run

from mlcharter.export.kinds import trust as trust_file
from mlcharter.release import keyless, live
from mlcharter.release.statement import Digest, Subject
from mlcharter.release.store import BUNDLE, BUNDLES, describe, describe_manifest
from mlcharter.release.trust import Identity
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder

REGISTRIES, ROOT = "versioning/registries.md", "versioning/keys/trusted_root.json"
ISSUER = "https://token.actions.githubusercontent.com"
WORKFLOW = "https://github.com/northbank/triage/.github/workflows/release.yml@refs/heads/main"
ADDRESS = "ada@northbank.example"
IDENTITIES = f"""identities:
  - {{id: ada, owner: "@northbank/privacy", issuer: "https://login.example",
     subject: {ADDRESS}, signs: release}}
  - {{id: ci, owner: "@northbank/privacy", issuer: "{ISSUER}",
     subject: "{WORKFLOW}", signs: provenance}}
threshold: 2"""
ONE_OF_TWO = "1 of 2 signatures by different keys of `signing`"
NOT_COUNTED = "a Sigstore bundle does not count: "


@pytest.fixture(scope="module")
def sigstore() -> Sigstore:
    return Sigstore()


def pin(shop: Shop, sigstore: Sigstore) -> None:
    """Pin the root and two identities, and demand a second signature."""
    (shop.root / ROOT).write_bytes(sigstore.root)
    shop.edit(REGISTRIES, "threshold: 1", IDENTITIES)


@pytest.fixture
def pinned(shop: Shop, sigstore: Sigstore) -> Shop:
    pin(shop, sigstore)
    return shop


def statement_of(shop: Shop, id: str = SECOND) -> bytes:
    return base64.b64decode(json.loads(blobs(shop, id)["envelope"].read_bytes())["payload"])


def provenance(manifest: str, name: str = SECOND) -> bytes:
    """Return what `actions/attest-build-provenance` states about a digest."""
    content = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": manifest}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"buildDefinition": {"buildType": "https://example/v1"}, "runDetails": {}},
    }
    return json.dumps(content).encode()


def by_ada(sigstore: Sigstore, payload: bytes, **changes: Any) -> dict[str, Any]:
    holder = {"subject": ADDRESS, "issuer": "https://login.example"}
    return sigstore.attest(payload, **(holder | changes))


def by_ci(sigstore: Sigstore, payload: bytes, **changes: Any) -> dict[str, Any]:
    return sigstore.attest(payload, **({"subject": WORKFLOW, "issuer": ISSUER} | changes))


def attach(shop: Shop, *bundles: dict[str, Any] | bytes) -> None:
    """Store bundles of the second release as `create` would."""
    release = plain(shop.store.find(SECOND))
    contents = [b if isinstance(b, bytes) else json.dumps(b).encode() for b in bundles]
    layers = [describe(content, BUNDLE) for content in contents]
    manifest = describe_manifest(BUNDLE, layers, release)
    for blob in (*layers, manifest):
        shop.store.put(blob)
    shop.store.publish(SECOND, "2026-11-24T08:00:00Z", release, {BUNDLES: manifest.descriptor})


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlcharter.commands._release.common.now", lambda: NOW)


# What counts


def test_an_identity_counts_as_one_key(pinned: Shop, sigstore: Sigstore) -> None:
    assert refusal(pinned.verify) == [ONE_OF_TWO]

    attach(pinned, by_ada(sigstore, statement_of(pinned)))

    assert pinned.verify().signers == ("northbank-2026", "ada")


def test_a_service_counts_the_keys_beside_identities(
    pinned: Shop, sigstore: Sigstore, service: Any
) -> None:
    """One key and one identity sign; the service, which asks for the one key, has no identities."""
    attach(pinned, by_ada(sigstore, statement_of(pinned)))
    trust = trust_file.encode(pinned.trust())
    name = f"{SECOND}@sha256:{pinned.store.find(SECOND).sha256}"

    assert json.loads(trust).keys() == service.Trust.model_fields.keys()
    assert service.load(pinned.store.folder, name, service.Trust.model_validate_json(trust), NOW)

    make_key(pinned.keys / "new.pem", pinned.root / "versioning/keys/northbank-2026.pub")
    other = service.Trust.model_validate_json(trust_file.encode(pinned.trust()))
    with pytest.raises(service.RefusedError, match="0 of 1 signatures"):
        service.load(pinned.store.folder, name, other, NOW)


def test_provenance_by_the_workflow_that_is_pinned_counts(pinned: Shop, sigstore: Sigstore) -> None:
    attach(pinned, by_ci(sigstore, provenance(pinned.store.find(SECOND).sha256)))

    assert pinned.verify().signers == ("northbank-2026", "ci")


def test_a_statement_that_a_tool_wrote_with_other_spaces_is_the_same(
    pinned: Shop, sigstore: Sigstore
) -> None:
    payload = json.dumps(json.loads(statement_of(pinned)), indent=2).encode()
    attach(pinned, by_ada(sigstore, payload))

    assert pinned.verify().signers == ("northbank-2026", "ada")


def test_a_release_can_be_signed_by_identities_alone(pinned: Shop, sigstore: Sigstore) -> None:
    make_key(pinned.keys / "new.pem", pinned.root / "versioning/keys/northbank-2026.pub")
    manifest = pinned.store.find(SECOND).sha256
    attach(
        pinned,
        by_ada(sigstore, statement_of(pinned)),
        by_ci(sigstore, provenance(manifest)),
    )

    assert pinned.verify().signers == ("ada", "ci")


def test_one_identity_counts_once_however_often_and_under_whatever_ids_it_signs(
    pinned: Shop, sigstore: Sigstore
) -> None:
    twin = f'  - {{id: twin, owner: "@a", issuer: "https://login.example", subject: {ADDRESS}, '
    pinned.edit(REGISTRIES, "threshold: 2", twin + "signs: release}\nthreshold: 3")
    payload = statement_of(pinned)
    attach(pinned, by_ada(sigstore, payload), by_ada(sigstore, payload))

    assert refusal(pinned.verify) == ["2 of 3 signatures by different keys of `signing`"]


@pytest.mark.parametrize(
    ("owner", "reason"),
    [
        (
            'owner: "@northbank/quality", ',
            "@northbank/quality approved the release and has the identity `ada`",
        ),
        ("", "the identity `ada` has no `owner` in `signing`"),
    ],
)
def test_an_identity_needs_an_owner_who_did_not_approve(
    pinned: Shop, sigstore: Sigstore, owner: str, reason: str
) -> None:
    pinned.edit(REGISTRIES, 'id: ada, owner: "@northbank/privacy", ', f"id: ada, {owner}")
    attach(pinned, by_ada(sigstore, statement_of(pinned)))

    assert refusal(pinned.verify) == [ONE_OF_TWO, reason]


def test_create_adds_a_bundle_and_makes_the_release_live(
    new_shop: Shop, sigstore: Sigstore
) -> None:
    pin(new_shop, sigstore)
    commit = new_shop.commit("Pin identities")
    assert not new_shop.create().live
    bundle = json.dumps(by_ada(sigstore, statement_of(new_shop, FIRST))).encode()
    new_shop.commit("Sign")

    created = new_shop.create(commit=commit, bundles=[bundle])

    assert created.live
    assert new_shop.verify(FIRST).signers == ("northbank-2026", "ada")
    kept = (new_shop.root / live.BUNDLES.format(FIRST)).read_bytes()
    assert kept == bundle + b"\n"
    again = new_shop.create(commit=commit)
    assert again == created


def test_bundles_that_do_not_count_are_dropped_and_keep_nobody_from_signing(
    new_shop: Shop, sigstore: Sigstore
) -> None:
    """With as many as a release may have, one more would make it one that nobody verifies."""
    pin(new_shop, sigstore)
    commit = new_shop.commit("Pin identities")
    new_shop.create()
    path = new_shop.root / live.BUNDLES.format(FIRST)
    path.write_bytes(b"".join(b'{"n": %d}\n' % n for n in range(32)))
    bundle = json.dumps(by_ada(sigstore, statement_of(new_shop, FIRST))).encode()

    assert new_shop.create(commit=commit, bundles=[bundle]).live

    assert path.read_bytes() == bundle + b"\n"


def test_create_refuses_a_bundle_that_does_not_count(new_shop: Shop, sigstore: Sigstore) -> None:
    pin(new_shop, sigstore)
    commit = new_shop.commit("Pin identities")
    new_shop.create()
    bundle = json.dumps(by_ada(Sigstore(), statement_of(new_shop, FIRST))).encode()

    def create() -> object:
        return new_shop.create(commit=commit, bundles=[bundle])

    (reason,) = refusal(create)
    assert reason.startswith(f"{NOT_COUNTED}failed to build timestamp certificate chain")
    assert live.read(Folder(new_shop.root)) is None


def test_a_bundle_by_another_implementation_counts(shop: Shop) -> None:
    """sigstore-js made it against `@sigstore/mock`, see sigstore_js/make.mjs."""
    made = json.loads((Path(__file__).parent / "sigstore_js/bundle.json").read_bytes())
    manifest = Subject(name=SECOND, digest=Digest(sha256="a" * 64))
    signed = msgspec.structs.replace(shop.verify().statement, subject=(manifest,))
    workflow = Identity("ci", None, ISSUER, WORKFLOW, "provenance")
    root = json.dumps(made["root"]).encode()
    trust = msgspec.structs.replace(shop.trust(), identities=(workflow,), root=root)
    bundle = json.dumps(made["bundle"]).encode()

    assert keyless.find_signers([bundle], signed, trust) == ([workflow], [])

    other = msgspec.structs.replace(manifest, digest=Digest(sha256="b" * 64))
    signed = msgspec.structs.replace(signed, subject=(other,))
    assert keyless.find_signers([bundle], signed, trust)[0] == []


def token(subject: str) -> str:
    """Return a token as a CI host gives it to a job; its signature is none."""
    now = int(datetime.datetime.now(datetime.UTC).timestamp())
    content = {"iss": "https://gitlab.com", "aud": "sigstore", "sub": subject}
    content |= {"iat": now, "exp": now + 300}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, content)]
    return ".".join([*(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts), ""])


JOB = "https://gitlab.com/northbank/triage//.gitlab-ci.yml@refs/heads/main"


@pytest.fixture
def in_job(
    new_shop: Shop, sigstore: Sigstore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Shop, str]]:
    """The repository in a job of GitLab, after somebody has signed a commit."""
    pin(new_shop, sigstore)
    person = f'issuer: "https://login.example",\n     subject: {ADDRESS}'
    job = f'issuer: "https://gitlab.com",\n     subject: "{JOB}"'
    new_shop.edit(REGISTRIES, person, job)
    commit = new_shop.commit("Pin identities")
    assert not new_shop.create().live
    new_shop.commit("Sign")
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    with sigstore.serve() as config:
        made = ClientTrustConfig.from_json(config)
        monkeypatch.setattr(ClientTrustConfig, "production", lambda: made)
        yield new_shop, commit


def test_a_job_signs_with_its_identity(
    in_job: tuple[Shop, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, commit = in_job
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", token(JOB))

    shown = run(shop, "create", "--keyless", "--commit", commit)

    assert shown.exit_code == 0, shown.output
    assert shop.verify(FIRST).signers == ("northbank-2026", "ada")


def test_a_job_with_another_identity_does_not_count(
    in_job: tuple[Shop, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, commit = in_job
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", token(JOB.replace("main", "evil")))

    shown = run(shop, "create", "--keyless", "--commit", commit)

    assert shown.exit_code == 1
    assert shown.stderr.startswith(f"refused: {FIRST}: {NOT_COUNTED}Certificate's SANs do not")
    assert live.read(Folder(shop.root)) is None


def test_without_an_identity_nothing_is_signed(
    in_job: tuple[Shop, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, commit = in_job
    monkeypatch.delenv("SIGSTORE_ID_TOKEN", raising=False)
    shown = run(shop, "create", "--keyless", "--commit", commit)
    assert shown.exit_code == 2
    assert shown.stderr.startswith("error: Sigstore did not sign: ")

    monkeypatch.delenv("GITLAB_CI")
    shown = run(shop, "create", "--keyless", "--commit", commit)
    assert shown.stderr.startswith("error: there is no identity to sign with\n  hint: run it in a")


def test_nothing_is_logged_for_an_identity_that_would_not_count(
    new_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyless, "sign", lambda payload: pytest.fail("it was signed"))

    shown = run(new_shop, "create", "--keyless")

    assert (shown.exit_code, shown.stderr) == (
        1,
        f"refused: {FIRST}: `signing` has no `identities`\n",
    )


# Attacks


def without_promise(bundle: dict[str, Any]) -> dict[str, Any]:
    """Leave the time of the log, which only the promise proves."""
    del bundle["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]
    return bundle


def change_proof(bundle: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"][key] = value
    return bundle


def swap_entry(bundle: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    entries = other["verificationMaterial"]["tlogEntries"]
    bundle["verificationMaterial"]["tlogEntries"] = entries
    return bundle


def sign_twice(bundle: dict[str, Any]) -> dict[str, Any]:
    bundle["dsseEnvelope"]["signatures"] *= 2
    return bundle


def borrow(sigstore: Sigstore, **services: Any) -> Sigstore:
    """Return other services that share some keys with the ones that are pinned."""
    other = Sigstore()
    other.__dict__.update(services)
    return other


ZERO = base64.b64encode(bytes(32)).decode()
LATER = AT + datetime.timedelta(hours=1)
Attack = Callable[[Sigstore, bytes], dict[str, Any]]
ATTACKS: dict[str, tuple[Attack, str]] = {
    "another identity": (
        lambda s, p: by_ada(s, p, subject="eve@northbank.example"),
        "Certificate's SANs do not match",
    ),
    "an address with the same beginning": (
        lambda s, p: by_ada(s, p, subject=ADDRESS + ".evil"),
        "Certificate's SANs do not match",
    ),
    "another issuer": (
        lambda s, p: by_ada(s, p, issuer="https://login.evil"),
        "Certificate's OIDCIssuer does not match",
    ),
    "the identity with the issuer of another": (
        lambda s, p: by_ada(s, p, issuer=ISSUER),
        "Certificate's OIDCIssuer does not match",
    ),
    "another root": (
        lambda s, p: by_ada(Sigstore(), p),
        "failed to build timestamp certificate chain",
    ),
    "another log": (
        lambda s, p: by_ada(borrow(s, ca=s.ca, ca_key=s.ca_key, ct_key=s.ct_key), p),
        "invalid log entry: checkpoint: ",
    ),
    "another log of certificates": (
        lambda s, p: by_ada(borrow(s, ca=s.ca, ca_key=s.ca_key, rekor_key=s.rekor_key), p),
        "failed to verify SCT on signing certificate",
    ),
    "a certificate that had expired when it was logged": (
        lambda s, p: by_ada(s, p, logged_at=LATER),
        "failed to build timestamp certificate chain",
    ),
    "an expired certificate without a time of the log": (
        lambda s, p: without_promise(by_ada(s, p)),
        "bundle must contain an inclusion promise or signed timestamp",
    ),
    "a root hash that was changed": (
        lambda s, p: change_proof(by_ada(s, p), "rootHash", ZERO),
        "invalid log entry: inclusion proof contains invalid root hash",
    ),
    "a path that was changed": (
        lambda s, p: change_proof(by_ada(s, p), "hashes", [ZERO] * 3),
        "invalid log entry: inclusion proof",
    ),
    "another place in the log": (
        lambda s, p: change_proof(by_ada(s, p), "logIndex", "0"),
        "invalid log entry: inclusion proof",
    ),
    "a checkpoint that nobody signed": (
        lambda s, p: change_proof(
            by_ada(s, p), "checkpoint", {"envelope": f"mock\n4\n{ZERO}\n\n— mock {ZERO}\n"}
        ),
        "invalid log entry: checkpoint: Signature not found",
    ),
    "the log entry of another signature": (
        lambda s, p: swap_entry(by_ada(s, p), by_ada(s, p)),
        "log entry signatures do not match bundle",
    ),
    "two signatures in one bundle": (
        lambda s, p: sign_twice(by_ada(s, p)),
        "envelope must contain exactly one signature",
    ),
    "another payload type": (
        lambda s, p: by_ada(s, p, payload_type="text/plain"),
        "`ada` signed something else than the release of this release",
    ),
    "a statement of something else": (
        lambda s, p: by_ada(s, p.replace(b"release/v1", b"approval/v1")),
        "`ada` signed something else than the release of this release",
    ),
    "a statement with a key twice": (
        lambda s, p: by_ada(s, p.replace(b'"sequence":3', b'"sequence":9,"sequence":3')),
        "`ada` signed something else than the release of this release",
    ),
    "a release that the workflow was to build": (
        lambda s, p: by_ci(s, p),
        "`ci` signed something else than the provenance of this release",
    ),
    "provenance of another artifact": (
        lambda s, p: by_ci(s, provenance("0" * 64)),
        "`ci` signed something else than the provenance of this release",
    ),
    "provenance under another name": (
        lambda s, p: by_ci(s, provenance(json.loads(p)["subject"][0]["digest"]["sha256"], FIRST)),
        "`ci` signed something else than the provenance of this release",
    ),
    "provenance by a person who releases": (
        lambda s, p: by_ada(s, provenance(json.loads(p)["subject"][0]["digest"]["sha256"])),
        "`ada` signed something else than the release of this release",
    ),
    "the workflow on another branch": (
        lambda s, p: by_ci(s, p, subject=WORKFLOW.replace("main", "evil")),
        "Certificate's ",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_bundle_does_not_count_with(pinned: Shop, sigstore: Sigstore, attack: str) -> None:
    make, reason = ATTACKS[attack]
    attach(pinned, make(sigstore, statement_of(pinned)))

    few, problem = refusal(pinned.verify)

    assert few == ONE_OF_TWO
    assert problem.startswith(NOT_COUNTED + reason), problem


def test_a_bundle_of_another_release_does_not_count(pinned: Shop, sigstore: Sigstore) -> None:
    attach(pinned, by_ada(sigstore, statement_of(pinned, FIRST)))

    assert refusal(pinned.verify)[1] == (
        f"{NOT_COUNTED}`ada` signed something else than the release of this release"
    )


def test_a_bundle_whose_json_has_a_key_twice_does_not_count(
    pinned: Shop, sigstore: Sigstore
) -> None:
    text = json.dumps(by_ada(sigstore, statement_of(pinned)))
    attach(pinned, ('{"dsseEnvelope": null, ' + text[1:]).encode())

    assert refusal(pinned.verify)[1] == f"{NOT_COUNTED}duplicate key in an object"


@pytest.mark.parametrize("content", [b"", b"\xff", b"null", b"[" * 100_000, b"{}"])
def test_what_is_no_bundle_does_not_count(pinned: Shop, content: bytes) -> None:
    attach(pinned, content)

    assert refusal(pinned.verify)[1].startswith(NOT_COUNTED)


def test_no_bit_of_what_a_bundle_proves_may_flip(pinned: Shop, sigstore: Sigstore) -> None:
    """The name before the signature of a checkpoint proves nothing, and may be any."""
    signed, trust = pinned.verify(FIRST, trust=one_signature(pinned)).statement, pinned.trust()
    data = json.dumps(by_ada(sigstore, statement_of(pinned, FIRST)), separators=(",", ":")).encode()
    assert keyless.find_signers([data], signed, trust)[0][0].id == "ada"
    places = range(0, len(data), len(data) // 300)
    for n, place in enumerate(places):
        changed = bytearray(data)
        changed[place] ^= 1 << (n % 7)
        signers, _ = keyless.find_signers([bytes(changed)], signed, trust)
        assert not signers or b"u2014 " in data[place - 10 : place], data[place - 20 : place]


def test_a_bundle_of_any_values_is_refused(pinned: Shop, sigstore: Sigstore) -> None:
    """What proves nothing may be missing, such as the index beside the one in the proof."""
    signed, trust = pinned.verify(FIRST, trust=one_signature(pinned)).statement, pinned.trust()
    accepted = []
    for content in replaced(by_ada(sigstore, statement_of(pinned, FIRST))):
        signers, problems = keyless.find_signers([json.dumps(content).encode()], signed, trust)
        assert bool(signers) is not bool(problems)
        accepted += [content] * len(signers)
    assert accepted == []


def one_signature(shop: Shop) -> Any:
    return msgspec.structs.replace(shop.trust(), threshold=1)


# What is missing


def test_without_identities_no_bundle_counts(shop: Shop, sigstore: Sigstore) -> None:
    attach(shop, by_ada(sigstore, statement_of(shop)))
    shop.edit(REGISTRIES, "threshold: 1", "threshold: 2")

    assert refusal(shop.verify) == [
        ONE_OF_TWO,
        "it has a Sigstore bundle, but `signing` has no `identities`",
    ]


def test_the_root_must_be_there_and_whole(pinned: Shop, sigstore: Sigstore) -> None:
    attach(pinned, by_ada(sigstore, statement_of(pinned)))
    (pinned.root / ROOT).write_text("{}")
    with pytest.raises(UserError, match=f"^{ROOT} is not a trusted root: "):
        pinned.verify()

    (pinned.root / ROOT).unlink()
    with pytest.raises(UserError, match=f"^{ROOT} can't be read: no such file or directory$"):
        pinned.verify()


def test_without_its_package_it_says_what_to_install(
    pinned: Shop, sigstore: Sigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach(pinned, by_ada(sigstore, statement_of(pinned)))
    monkeypatch.setitem(sys.modules, "sigstore.models", None)

    with pytest.raises(UserError) as caught:
        pinned.verify()

    assert caught.value.hint == "install the extra `sigstore`: `pip install sigstore`"
