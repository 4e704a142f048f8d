"""Make a release of a commit: decide everything, sign, write it, and make it live last.

The same commit gives the same statement, so a second person who runs `create` adds a signature.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from mlcharter.release import drafting, live, signing, statement, verifying
from mlcharter.release.drafting import Draft, Request
from mlcharter.release.live import Live
from mlcharter.release.refusal import RefusedError
from mlcharter.release.signing import Envelope
from mlcharter.release.store import ENVELOPE, describe, describe_manifest
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


def create(request: Request, signers: "Sequence[Signer]") -> Created:
    """Make the release that `joint_release` describes, or add signatures to it."""
    draft = drafting.draft(request)
    return write(request, draft, _sign(request, draft, signers))


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
    return signing.sign(payload, new).merge(before)


def _read_envelope(tree: Tree, id: str) -> Envelope | None:
    path = live.ENVELOPE.format(id)
    if not tree.lexists(path):
        return None
    data = tree.read(path)
    if isinstance(data, Unreadable):
        raise RefusedError(id, [f"{path} {data.message}"])
    return signing.parse(data, id)


def write(request: Request, draft: Draft, envelope: Envelope) -> Created:
    """Write a release: files, then what names them, then what is live; whole at any moment."""
    release = draft.statement.predicate
    layer = describe(envelope.encode(), ENVELOPE)
    signature = describe_manifest(ENVELOPE, [layer], draft.release)
    with request.store.locked():
        for blob in (*draft.blobs, layer, signature):
            request.store.put(blob)
        request.store.publish(release.id, release.created, draft.release, signature.descriptor)
        added = draft.added | {live.ENVELOPE.format(release.id): envelope.encode()}
        for path, data in added.items():
            writing.replace(request.root, path, data)
        return _finish(request, draft, envelope)


def _finish(request: Request, draft: Draft, envelope: Envelope) -> Created:
    """Make the release live if it verifies as it will at start-up, and has all its signatures."""
    signed, trust = draft.statement, request.trust
    release = signed.predicate
    counted = verifying.count(envelope, signed, trust, request.now.date())
    if counted >= trust.threshold:
        verifying.verify(request.store, release.id, trust, request.now, pinned=signed.manifest)
        live.write(request.root, Live(release.id, release.sequence, f"sha256:{signed.manifest}"))
    notes = tuple(_warn(request, release.previous))
    return Created(release.id, signed.manifest, release.commit, counted, trust.threshold, notes)


def _warn(request: Request, previous: str | None) -> Iterator[str]:
    """Yield why a rollback is not possible, although the release is good."""
    if previous is not None:
        try:
            verifying.verify(request.store, previous, request.trust, request.now)
        except RefusedError as error:
            yield f"there is no rollback to {previous}: {error.reasons[0]}"
