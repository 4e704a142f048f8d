"""Make a release of a commit: decide everything, sign, write it, and make it live last.

The same commit gives the same statement, so a second person who runs `create` adds a signature.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from mlcharter.release import drafting, keyless, live, signing, statement, verifying
from mlcharter.release.drafting import Draft, Request
from mlcharter.release.live import Live
from mlcharter.release.refusal import RefusedError
from mlcharter.release.signing import Envelope
from mlcharter.release.statement import Statement
from mlcharter.release.store import (
    BUNDLE,
    BUNDLES,
    ENVELOPE,
    SIGNED,
    Blob,
    Descriptor,
    describe,
    describe_manifest,
)
from mlcharter.support import writing
from mlcharter.support.files import Folder, Tree, Unreadable

if TYPE_CHECKING:
    from securesystemslib.signer import Signer


class Created(Struct, frozen=True):
    """A release in the store; it is live if it has all `needed` signatures."""

    id: str
    manifest: str
    commit: str
    signatures: int
    needed: int
    notes: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        return self.signatures >= self.needed


class Signatures(Struct, frozen=True):
    """An envelope with the signatures of keys, and a Sigstore bundle of each identity."""

    envelope: Envelope
    bundles: tuple[bytes, ...] = ()


def create(
    request: Request,
    signers: "Sequence[Signer]",
    bundles: Sequence[bytes] = (),
    *,
    as_job: bool = False,
    dry_run: bool = False,
) -> Created:
    """Make the release that `joint_release` describes, or add signatures to it.

    With `as_job`, the identity of this CI job signs too. With `dry_run`, nothing is written, and
    the release is the same.
    """
    draft = drafting.draft(request)
    envelope = _sign(request, draft, signers)
    if as_job and not dry_run:
        if not request.trust.identities:
            raise RefusedError(draft.statement.predicate.id, ["`signing` has no `identities`"])
        bundles = (*bundles, keyless.sign(statement.encode(draft.statement)))
    signatures = Signatures(envelope, _collect_bundles(request, draft.statement, bundles))
    if dry_run:
        return _describe(request, draft.statement, signatures)
    return write(request, draft, signatures)


def _collect_bundles(
    request: Request, signed: Statement, new: Sequence[bytes]
) -> tuple[bytes, ...]:
    """Return the bundles that count, of a release and the new ones, of which each must."""
    id = signed.predicate.id
    kept = _read(Folder(request.root), live.BUNDLES.format(id), id)
    counted = []
    for bundle in dict.fromkeys((*(keyless.split(kept, id) if kept else []), *new)):
        problems = keyless.find_signers([bundle], signed, request.trust)[1]
        if problems and bundle in new:
            raise RefusedError(id, problems)
        if not problems:
            counted.append(bundle)
    return tuple(counted)


def _sign(request: Request, draft: Draft, signers: "Sequence[Signer]") -> Envelope:
    """Return the envelope with the signatures of these signers, and those it has already."""
    payload = statement.encode(draft.statement)
    before = _read_envelope(Folder(request.root), draft.statement.predicate.id)
    if before is None:
        return signing.sign(payload, signers)
    if before.content != payload:
        id = draft.statement.predicate.id
        reason = "is of another release with this id; take a new id, since a release never changes"
        raise RefusedError(id, [f"{live.ENVELOPE.format(id)} {reason}"])
    done = {key.id for key in signing.find_signers(before, request.trust)}
    new = [signer for signer in signers if signer.public_key.keyid not in done]
    return signing.sign(payload, new).merge(signing.keep_trusted(before, request.trust))


def _read_envelope(tree: Tree, id: str) -> Envelope | None:
    data = _read(tree, live.ENVELOPE.format(id), id)
    return None if data is None else signing.parse(data, id)


def _read(tree: Tree, path: str, id: str) -> bytes | None:
    if not tree.lexists(path):
        return None
    data = tree.read(path)
    if isinstance(data, Unreadable):
        raise RefusedError(id, [f"{path} {data.message}"])
    return data


def write(request: Request, draft: Draft, signatures: Signatures) -> Created:
    """Write a release: files, then what names them, then what is live; whole at any moment."""
    release = draft.statement.predicate
    blobs, attached = _attach(draft, signatures)
    with request.store.locked():
        # Another release may have been written since this one was judged.
        taken = drafting.judge_sequence(request.root, release.id, release.sequence)
        if reasons := list(taken):
            raise RefusedError(release.id, reasons)
        for blob in (*draft.blobs, *blobs):
            request.store.put(blob)
        request.store.publish(release.id, release.created, draft.release, attached)
        added = draft.added | {live.ENVELOPE.format(release.id): signatures.envelope.encode()}
        if signatures.bundles:
            lines = b"".join(bundle + b"\n" for bundle in signatures.bundles)
            added[live.BUNDLES.format(release.id)] = lines
        for path, data in added.items():
            writing.replace(request.root, path, data)
        return _finish(request, draft, signatures)


def _attach(draft: Draft, signatures: Signatures) -> tuple[list[Blob], dict[str, Descriptor]]:
    """Return the blobs of what is attached to a release, and the manifest for each ending."""
    blobs, attached = [], {}
    for ending, kind, contents in (
        (SIGNED, ENVELOPE, (signatures.envelope.encode(),)),
        (BUNDLES, BUNDLE, signatures.bundles),
    ):
        if contents:
            layers = [describe(content, kind) for content in contents]
            manifest = describe_manifest(kind, layers, draft.release)
            blobs += [*layers, manifest]
            attached[ending] = manifest.descriptor
    return blobs, attached


def _finish(request: Request, draft: Draft, signatures: Signatures) -> Created:
    """Make the release live if it verifies as it will at start-up, and has all its signatures."""
    created = _describe(request, draft.statement, signatures)
    if created.live:
        pinned = draft.statement.manifest
        verifying.verify(request.store, created.id, request.trust, request.now, pinned=pinned)
        sequence = draft.statement.predicate.sequence
        live.write(request.root, Live(created.id, sequence, f"sha256:{pinned}"))
    notes = tuple(_warn(request, draft.statement.predicate.previous))
    return msgspec.structs.replace(created, notes=notes)


def _describe(request: Request, signed: Statement, signatures: Signatures) -> Created:
    release, trust = signed.predicate, request.trust
    counted, _ = verifying.judge_signatures(
        signatures.envelope, signatures.bundles, signed, trust, request.now.date()
    )
    return Created(release.id, signed.manifest, release.commit, len(counted), trust.threshold)


def _warn(request: Request, previous: str | None) -> Iterator[str]:
    """Yield why a rollback is not possible, although the release is good."""
    if previous is not None:
        try:
            verifying.verify(request.store, previous, request.trust, request.now)
        except RefusedError as error:
            yield f"there is no rollback to {previous}: {error.reasons[0]}"
