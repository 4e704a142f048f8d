"""A Sigstore of our own: a Fulcio that certifies, a CT log and a Rekor, without a network.

It signs with real keys in the real formats, so that a verifier notices no difference but the root.
"""

import base64
import datetime
import hashlib
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID, ObjectIdentifier

AT = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.UTC)
TYPE = "application/vnd.in-toto+json"
_MINUTE = datetime.timedelta(minutes=1)


def new_key() -> Any:
    return ec.generate_private_key(ec.SECP256R1())


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def public_bytes(key: Any) -> bytes:
    data: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return data


def log_id(key: Any) -> bytes:
    return hashlib.sha256(public_bytes(key)).digest()


def sign(key: Any, data: bytes) -> bytes:
    signature: bytes = key.sign(data, ec.ECDSA(SHA256()))
    return signature


class Sigstore:
    """The keys of the three services; `root` is what a verifier pins.

    `serve` answers as they do, on a port of this machine.
    """

    def __init__(self) -> None:
        self.ca_key, self.ct_key, self.rekor_key = new_key(), new_key(), new_key()
        self.ca = self._certify_ca()
        self.leaves = [b"one entry of others", b"another", b"a third"]

    @property
    def root(self) -> bytes:
        since = {"start": "2026-01-01T00:00:00Z"}

        def log(key: Any) -> dict[str, Any]:
            public = {"rawBytes": encode(public_bytes(key)), "validFor": since}
            public["keyDetails"] = "PKIX_ECDSA_P256_SHA_256"
            about = {"baseUrl": "https://log.example", "hashAlgorithm": "SHA2_256"}
            return about | {"publicKey": public, "logId": {"keyId": encode(log_id(key))}}

        chain = {"certificates": [{"rawBytes": encode(self.ca.public_bytes(Encoding.DER))}]}
        authority = {"subject": {"organization": "mock", "commonName": "mock"}, "validFor": since}
        content = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(self.rekor_key)],
            "certificateAuthorities": [
                authority | {"uri": "https://fulcio.example", "certChain": chain}
            ],
            "ctlogs": [log(self.ct_key)],
            "timestampAuthorities": [],
        }
        return json.dumps(content).encode()

    def attest(
        self,
        payload: bytes,
        subject: str,
        issuer: str,
        payload_type: str = TYPE,
        at: datetime.datetime = AT,
        logged_at: datetime.datetime | None = None,
    ) -> dict[str, Any]:
        """Return the bundle of a payload that the holder of a certificate signed and logged."""
        key = new_key()
        certificate = self._certify(key.public_key(), subject, issuer, at)
        pae = b"DSSEv1 %d %b %d %b" % (
            *(len(payload_type), payload_type.encode()),
            *(len(payload), payload),
        )
        envelope = {
            "payload": encode(payload),
            "payloadType": payload_type,
            "signatures": [{"sig": encode(sign(key, pae))}],
        }
        material = {
            "certificate": {"rawBytes": encode(certificate.public_bytes(Encoding.DER))},
            "tlogEntries": [self._log(envelope, certificate, logged_at or at)],
        }
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": material,
            "dsseEnvelope": envelope,
        }

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve Fulcio and Rekor; yields what a client that signs is configured by."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        service = {"url": url, "majorApiVersion": 1, "operator": "mock"}
        service["validFor"] = {"start": "2026-01-01T00:00:00Z"}
        signing = {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": [service],
            "rekorTlogUrls": [service],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaConfig": {"selector": "ANY"},
        }
        kind = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
        content = {"mediaType": kind, "trustedRoot": json.loads(self.root)}
        try:
            yield json.dumps(content | {"signingConfig": signing})
        finally:
            server.shutdown()
            server.server_close()

    def answer(self, path: str, token: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what Fulcio or Rekor answers to a request."""
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        if path == "/api/v2/signingCert":
            request = x509.load_pem_x509_csr(base64.b64decode(asked["certificateSigningRequest"]))
            claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
            made = self._certify(request.public_key(), claims["sub"], claims["iss"], now)
            chain = [one.public_bytes(Encoding.PEM).decode() for one in (made, self.ca)]
            return {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}
        proposed = asked["spec"]["proposedContent"]
        verifier = base64.b64decode(proposed["verifiers"][0])
        certificate = x509.load_pem_x509_certificate(verifier)
        entry = self._log(json.loads(proposed["envelope"]), certificate, now)
        proof = entry["inclusionProof"]
        found = {
            "logIndex": int(proof["logIndex"]),
            "treeSize": int(proof["treeSize"]),
            "hashes": [base64.b64decode(one).hex() for one in proof["hashes"]],
            "rootHash": base64.b64decode(proof["rootHash"]).hex(),
            "checkpoint": proof["checkpoint"]["envelope"],
        }
        promise = entry["inclusionPromise"]["signedEntryTimestamp"]
        return {
            "0": {
                "body": entry["canonicalizedBody"],
                "integratedTime": int(entry["integratedTime"]),
                "logID": log_id(self.rekor_key).hex(),
                "logIndex": int(entry["logIndex"]),
                "verification": {"inclusionProof": found, "signedEntryTimestamp": promise},
            }
        }

    # Fulcio

    def _certify_ca(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mock Fulcio")])
        usage = _usage(sign_certificates=True)
        public = self.ca_key.public_key()
        return (
            x509.CertificateBuilder(name, name, public, x509.random_serial_number())
            .not_valid_before(AT - datetime.timedelta(days=300))
            .not_valid_after(AT + datetime.timedelta(days=3000))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self.ca_key, SHA256())
        )

    def _certify(
        self, public: Any, subject: str, issuer: str, at: datetime.datetime
    ) -> x509.Certificate:
        """Return a certificate for ten minutes, with the promise of the CT log."""
        name = x509.UniformResourceIdentifier if "://" in subject else x509.RFC822Name
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.ca_key.public_key())
        builder = (
            x509.CertificateBuilder(self.ca.subject, x509.Name([]), public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(at)
            .not_valid_after(at + 10 * _MINUTE)
            .add_extension(_usage(), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)
            .add_extension(authority, critical=False)
            .add_extension(x509.SubjectAlternativeName([name(subject)]), critical=True)
            .add_extension(_unknown("1.3.6.1.4.1.57264.1.1", issuer.encode()), critical=False)
        )
        before = builder.sign(self.ca_key, SHA256()).tbs_certificate_bytes
        promise = _unknown(
            ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS.dotted_string,
            self._promise(before, at),
        )
        return builder.add_extension(promise, critical=False).sign(self.ca_key, SHA256())

    def _promise(self, certificate: bytes, at: datetime.datetime) -> bytes:
        """Return a list with one signed certificate timestamp, as RFC 6962 writes it."""
        moment = (int(at.timestamp()) * 1000).to_bytes(8, "big")
        entry = log_id(self.ca_key) + len(certificate).to_bytes(3, "big") + certificate
        signature = sign(self.ct_key, b"\0\0" + moment + b"\0\1" + entry + b"\0\0")
        sct = b"\0" + log_id(self.ct_key) + moment + b"\0\0" + b"\4\3" + _sized(signature)
        listed = _sized(_sized(sct))
        assert len(listed) < 128, "a longer one needs another length in DER"
        return b"\4%c" % len(listed) + listed

    # Rekor

    def _log(
        self, envelope: dict[str, Any], certificate: x509.Certificate, at: datetime.datetime
    ) -> dict[str, Any]:
        """Add an entry to the log; return it with its proofs."""
        signature = envelope["signatures"][0]["sig"]
        verifier = encode(certificate.public_bytes(Encoding.PEM))
        body = {
            "apiVersion": "0.0.1",
            "kind": "dsse",
            "spec": {
                "envelopeHash": _hashed(canonical(envelope)),
                "payloadHash": _hashed(base64.b64decode(envelope["payload"])),
                "signatures": [{"signature": signature, "verifier": verifier}],
            },
        }
        self.leaves.append(canonical(body))
        index, size = len(self.leaves) - 1, len(self.leaves)
        top = _root(self.leaves)
        note = f"mock Rekor - 1\n{size}\n{encode(top)}\n"
        signed = encode(log_id(self.rekor_key)[:4] + sign(self.rekor_key, note.encode()))
        promised = {
            "body": encode(self.leaves[-1]),
            "integratedTime": int(at.timestamp()),
            "logID": log_id(self.rekor_key).hex(),
            "logIndex": index,
        }
        return {
            "logIndex": str(index),
            "logId": {"keyId": encode(log_id(self.rekor_key))},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(promised["integratedTime"]),
            "inclusionPromise": {
                "signedEntryTimestamp": encode(sign(self.rekor_key, canonical(promised)))
            },
            "inclusionProof": {
                "logIndex": str(index),
                "rootHash": encode(top),
                "treeSize": str(size),
                "hashes": [encode(one) for one in _path(index, self.leaves)],
                "checkpoint": {"envelope": f"{note}\n\u2014 mock {signed}\n"},
            },
            "canonicalizedBody": encode(self.leaves[-1]),
        }


def _handler(sigstore: Sigstore) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            token = self.headers.get("Authorization", "")
            answer = json.dumps(sigstore.answer(self.path, token, asked)).encode()
            self.send_response(201)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


def canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()


def _hashed(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def _unknown(oid: str, value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(ObjectIdentifier(oid), value)


def _usage(sign_certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_cert_sign=sign_certificates,
        **dict.fromkeys(
            (
                *("content_commitment", "key_encipherment", "data_encipherment"),
                *("key_agreement", "crl_sign", "encipher_only", "decipher_only"),
            ),
            False,
        ),
    )


# The tree of RFC 6962


def _root(leaves: Iterable[bytes]) -> bytes:
    leaves = list(leaves)
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _root(leaves[:middle]) + _root(leaves[middle:])).digest()


def _path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    if index < middle:
        return [*_path(index, leaves[:middle]), _root(leaves[middle:])]
    return [*_path(index - middle, leaves[middle:]), _root(leaves[:middle])]
