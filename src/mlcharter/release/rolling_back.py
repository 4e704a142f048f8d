"""Return to the release before the live one, as a whole."""

import datetime
from pathlib import Path

from msgspec import Struct

from mlcharter.charter import release_record
from mlcharter.release import live, verifying
from mlcharter.release.live import Live
from mlcharter.release.refusal import RefusedError
from mlcharter.release.store import Store
from mlcharter.release.trust import Trust
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Tree


class RolledBack(Struct, frozen=True):
    """The live release before a rollback, and the one after it."""

    before: Live
    now: Live


def roll_back(
    root: Path, store: Store, trust: Trust, now: datetime.datetime, *, dry_run: bool = False
) -> RolledBack:
    """Verify the previous release and make it live; on any problem, nothing changes.

    The live release need not be whole: that may be why somebody rolls back. With `dry_run`, nothing
    changes in any case.
    """
    with store.locked():
        tree = Folder(root)
        current = live.read(tree)
        if current is None:
            raise UserError("no release is live", hint="make one with `mlcharter release create`")
        previous = _find_previous(tree, current)
        pinned = live.find_pinned(tree, previous)
        if pinned is None:
            path = live.ENVELOPE.format(previous)
            raise RefusedError(previous, [f"{path} does not exist; restore it from Git"])
        verified = verifying.verify(store, previous, trust, now, pinned=pinned)
        sequence = verified.statement.predicate.sequence
        if sequence >= current.sequence:
            raise RefusedError(previous, [f"its sequence is {sequence}, not a lower one"])
        restored = Live(previous, sequence, f"sha256:{pinned}")
        if not dry_run:
            live.write(root, restored)
    return RolledBack(current, restored)


def _find_previous(tree: Tree, current: Live) -> str:
    """Return the id of the release before the live one, by its record and what was signed."""
    record = release_record.read(tree, current.id)
    if isinstance(record, str):
        path = f"{release_record.RELEASES}/{current.id}.json"
        raise UserError(f"{path} {record}", hint="restore it from Git")
    signed = live.read_signed(tree, current.id)
    if signed is not None:
        if problem := live.find_problem(current, signed):
            raise RefusedError(current.id, [problem])
        if signed.predicate.previous != record.previous:
            path = f"{release_record.RELEASES}/{current.id}.json"
            reason = f"{path} has another `previous` than what was signed; restore it from Git"
            raise RefusedError(current.id, [reason])
    if record.previous is None:
        raise RefusedError(current.id, ["it is the first release, so there is none before it"])
    return record.previous
