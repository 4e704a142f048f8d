"""Sign and verify DSSE envelopes with securesystemslib, the extra `release`.

What counts is how many different public keys have signed, not how many key ids: one key may have
two ids. The id in a signature is a hint, and decides nothing.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from mlcharter.formats import strict_json
from mlcharter.release.refusal import RefusedError
from mlcharter.release.trust import KEYS, Key, Trust
from mlcharter.support import files
from mlcharter.support.errors import UserError

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_MOST_SIGNATURES = 32
_LARGEST_KEY = 64 * 1024
# How securesystemslib names them.
_SCHEMES = {"ecdsa-p256": "ecdsa-sha2-nistp256", "ed25519": "ed25519"}


class Signature(Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: str


class Envelope(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A DSSE envelope; `payload` and each `sig` are in Base64."""

    payload_type: str
    payload: str
    signatures: tuple[Signature, ...]

    @property
    def content(self) -> bytes:
        return base64.b64decode(self.payload, validate=True)

    def encode(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    def merge(self, other: "Envelope") -> "Envelope":
        """Return the envelope with the other's signatures too, one for each key id."""
        both = {one.keyid: one for one in (*other.signatures, *self.signatures)}
        signatures = tuple(both[keyid] for keyid in sorted(both))
        return Envelope(self.payload_type, self.payload, signatures)


def parse(data: bytes, release: str) -> Envelope:
    """Return an envelope; content of another type, or not as `encode` writes it, is refused."""
    try:
        envelope = msgspec.convert(strict_json.loads(data), Envelope)
        content, written = envelope.content, envelope.encode()
    except (ValueError, RecursionError, binascii.Error) as error:
        raise RefusedError(release, [f"its envelope is not valid: {error}"]) from None
    if envelope.payload_type != PAYLOAD_TYPE:
        raise RefusedError(release, [f"its envelope is not of type {PAYLOAD_TYPE}"])
    if base64.b64encode(content).decode() != envelope.payload or written != data:
        raise RefusedError(release, ["its envelope is not as `mlcharter release create` writes it"])
    if len(envelope.signatures) > _MOST_SIGNATURES:
        raise RefusedError(release, [f"its envelope has more than {_MOST_SIGNATURES} signatures"])
    return envelope


def sign(payload: bytes, signers: Iterable["Signer"]) -> Envelope:
    """Return an envelope with a signature of each signer."""
    from securesystemslib import dsse

    envelope = dsse.Envelope(payload, PAYLOAD_TYPE, {})
    made = [envelope.sign(signer) for signer in signers]
    signatures = (
        Signature(one.keyid, base64.b64encode(bytes.fromhex(one.signature)).decode())
        for one in made
    )
    return Envelope(PAYLOAD_TYPE, base64.b64encode(payload).decode(), tuple(signatures))


def find_signers(envelope: Envelope, trust: Trust) -> list[Key]:
    """Return the trusted keys that have signed, each public key once.

    If `signing` has a key under two ids, the first of them is returned.
    """
    found: dict[str, Key] = {}
    for key, _, public in _verify(envelope, trust):
        found.setdefault(public, key)
    return list(found.values())


def keep_trusted(envelope: Envelope, trust: Trust) -> Envelope:
    """Return the envelope without signatures that are by no trusted key."""
    kept = {one for _, one, _ in _verify(envelope, trust)}
    signatures = tuple(one for one in envelope.signatures if one in kept)
    return msgspec.structs.replace(envelope, signatures=signatures)


def _verify(envelope: Envelope, trust: Trust) -> Iterator[tuple[Key, Signature, str]]:
    """Yield each trusted key with the signature that it made, and its public half."""
    from securesystemslib import dsse, signer
    from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError

    signed = dsse.Envelope(envelope.content, envelope.payload_type, {}).pae()
    for key in trust.keys:
        public = _load_public(key, trust.algorithm)
        for one in envelope.signatures:
            try:
                raw = base64.b64decode(one.sig, validate=True)
                public.verify_signature(signer.Signature(public.keyid, raw.hex()), signed)
            except (ValueError, UnverifiedSignatureError, VerificationError):
                continue
            yield key, one, public.keyval["public"]
            break


def _load_public(key: Key, algorithm: str) -> Any:
    """Return a public key; a UserError if it is not of the algorithm of `signing`."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.signer import SSlibKey

    path = f"{KEYS}/{key.id}.pub"
    try:
        public = SSlibKey.from_crypto(load_pem_public_key(key.pem), key.id)
    except (ValueError, UnsupportedAlgorithm):
        raise UserError(f"{path} is not a public key", hint="save it there in PEM") from None
    if public.scheme != _SCHEMES[algorithm]:
        hint = "correct `algorithm`, or use a key of that kind"
        raise UserError(f"{path} is not of the algorithm `{algorithm}` of `signing`", hint=hint)
    return public


# Private keys


def load_signer(reference: str, trust: Trust, ask: Callable[[str], str]) -> "Signer":
    """Return the signer for `[ID=]FILE`, or for `ID=URI` of a key that a service keeps.

    `ask` returns the password of an encrypted file. Raises UserError for a key that `signing` does
    not have.
    """
    require()
    known = {key.id: _load_public(key, trust.algorithm) for key in trust.keys}
    id, equals, rest = reference.partition("=")
    if equals and id not in known:
        raise UserError(f"`signing` has no key `{id}`", hint=f"it has {', '.join(known)}")
    place = rest if equals else reference
    if equals and ":" in place and not Path(place).exists():
        return _load_remote(place, known[id])
    return _load_file(Path(place), [known[id]] if equals else list(known.values()), ask)


def _load_remote(uri: str, public: Any) -> "Signer":
    from securesystemslib.signer import SIGNER_FOR_URI_SCHEME, Signer

    if uri.partition(":")[0] not in SIGNER_FOR_URI_SCHEME:
        schemes = ", ".join(sorted(SIGNER_FOR_URI_SCHEME))
        raise UserError(f"no signer is known for {uri}", hint=f"known: {schemes}")
    try:
        return Signer.from_priv_key_uri(uri, public)
    except Exception as error:  # each service raises its own
        raise UserError(f"{uri} can't be used: {error}", hint="check its address") from error


def _load_file(path: Path, publics: Sequence[Any], ask: Callable[[str], str]) -> "Signer":
    from securesystemslib.signer import CryptoSigner

    try:
        private: Any = _load_private(files.whole(path, _LARGEST_KEY), path, ask)
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}", hint="name a key file") from None
    for public in publics:
        try:
            return CryptoSigner(private, public)
        except ValueError:
            continue  # the private half of another key
    ids = ", ".join(f"{KEYS}/{public.keyid}.pub" for public in publics)
    raise UserError(f"{path} is not the private half of {ids}", hint="name the key of the release")


def _load_private(pem: bytes, path: Path, ask: Callable[[str], str]) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        try:
            return load_pem_private_key(pem, None)
        except TypeError:  # it is encrypted
            return load_pem_private_key(pem, ask(f"Password of {path}").encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        hint = "make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`"
        raise UserError(f"{path} is not a private key that can be opened", hint=hint) from None


def require() -> None:
    """Raise a UserError if the extra `release` is not installed."""
    try:
        import cryptography
        import securesystemslib  # noqa: F401

        assert cryptography
    except ImportError:
        hint = "install the extra `release`: `pip install cryptography securesystemslib`"
        raise UserError("releases are signed with packages that are missing", hint=hint) from None
