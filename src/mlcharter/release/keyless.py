"""Verify Sigstore bundles offline, and sign in a CI job, with the extra `sigstore`.

In a bundle, a certificate of ten minutes names who signed, and a log shows that it was valid then.
Who counts is in `identities` of `signing`; certificate and log are judged by the trusted root in
versioning/keys/, never by one that a server gives.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from mlcharter.formats import strict_json
from mlcharter.release.refusal import RefusedError
from mlcharter.release.signing import PAYLOAD_TYPE
from mlcharter.release.statement import Digest, Statement, Subject
from mlcharter.release.trust import ROOT, Identity, Trust
from mlcharter.support.errors import UserError

_MOST_BUNDLES = 32


class _Provenance(Struct, frozen=True, rename="camel"):
    """Who built what, as SLSA states it; the predicate says how, and decides nothing here."""

    type_: Literal["https://in-toto.io/Statement/v1"] = msgspec.field(name="_type")
    subject: tuple[Subject, ...]
    predicate_type: Literal["https://slsa.dev/provenance/v1"]


def split(lines: bytes, release: str) -> list[bytes]:
    """Return the bundles of a file with one bundle a line."""
    bundles = [line for line in lines.split(b"\n") if line.strip()]
    if len(bundles) > _MOST_BUNDLES:
        raise RefusedError(release, [f"it has more than {_MOST_BUNDLES} bundles"])
    return bundles


def find_signers(
    bundles: Sequence[bytes], signed: Statement, trust: Trust
) -> tuple[list[Identity], list[str]]:
    """Return the identities that signed a release, each once, and why other bundles do not count.

    Two entries of `identities` with one issuer and subject are the same identity.
    """
    if not bundles:
        return [], []
    if not trust.identities:
        return [], ["it has a Sigstore bundle, but `signing` has no `identities`"]
    verifier = _load_verifier(trust.root)
    found: dict[tuple[str, str], Identity] = {}
    problems = []
    for bundle in bundles[:_MOST_BUNDLES]:
        signer = _find_signer(verifier, bundle, signed, trust)
        if isinstance(signer, str):
            problems.append(f"a Sigstore bundle does not count: {signer}")
        else:
            found.setdefault((signer.issuer, signer.subject), signer)
    return list(found.values()), problems


def _find_signer(verifier: Any, bundle: bytes, signed: Statement, trust: Trust) -> Identity | str:
    """Return the identity that signed this release with a bundle, or why none did."""
    from sigstore.models import Bundle
    from sigstore.verify import policy

    problem = ""
    for identity in trust.identities:
        expected = policy.Identity(identity=identity.subject, issuer=identity.issuer)
        try:
            strict_json.loads(bundle)  # a reader that takes the other of two keys sees other text
            type, payload = verifier.verify_dsse(Bundle.from_json(bundle), expected)
        except Exception as error:  # of several libraries; whatever it is, the bundle is not valid
            problem = problem or str(error).partition("\n")[0]
            continue
        if _is_about(type, payload, signed, identity):
            return identity
        problem = f"`{identity.id}` signed something else than the {identity.signs} of this release"
    return problem


def _is_about(type: str, payload: bytes, signed: Statement, identity: Identity) -> bool:
    """Return whether a payload is what an identity signs, about this release.

    Other tools may write the JSON of a statement with other spaces, so its values are compared.
    """
    if type != PAYLOAD_TYPE:
        return False
    try:
        content = strict_json.loads(payload)
        if identity.signs == "release":
            return msgspec.convert(content, Statement) == signed
        subject = Subject(name=signed.predicate.id, digest=Digest(sha256=signed.manifest))
        return msgspec.convert(content, _Provenance).subject == (subject,)
    except (ValueError, RecursionError):
        return False


def sign(payload: bytes) -> bytes:
    """Return a bundle of a statement, signed with the identity of this CI job.

    The public Sigstore certifies the identity, and logs the signature for everybody to see.
    """
    _require()
    from sigstore.dsse import Statement as Signed
    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityToken, detect_credential
    from sigstore.sign import SigningContext

    try:
        token = detect_credential()
        if token is not None:
            context = SigningContext.from_trust_config(ClientTrustConfig.production())
            with context.signer(IdentityToken(token)) as signer:
                return signer.sign_dsse(Signed(payload)).to_json().encode()
    except Exception as error:  # of several libraries and services
        reason = str(error).partition("\n")[0] or type(error).__name__
        hint = "run the job again; see https://status.sigstore.dev"
        raise UserError(f"Sigstore did not sign: {reason}", hint=hint) from None
    hint = "run it in a job that has one: `id_tokens` in GitLab, `id-token: write` in GitHub"
    raise UserError("there is no identity to sign with", hint=hint)


def _require() -> None:
    try:
        import sigstore.models

        assert sigstore
    except ImportError:
        message = "Sigstore bundles need a package that is missing"
        hint = "install the extra `sigstore`: `pip install sigstore`"
        raise UserError(message, hint=hint) from None


def _load_verifier(root: bytes) -> Any:
    """Return a verifier that trusts this root only; it opens no connection."""
    _require()
    from sigstore.models import TrustedRoot
    from sigstore.verify import Verifier
    from sigstore_models.trustroot import v1

    try:
        return Verifier(trusted_root=TrustedRoot(v1.TrustedRoot.from_json(root)))
    except Exception as error:  # of several libraries
        message = f"{ROOT} is not a trusted root: {str(error).partition(chr(10))[0]}"
        raise UserError(message, hint="restore it from Git") from None
