"""Which release is live: `versioning/live.json`, a file of the repository.

A change of it is a commit, so Git's history is the log of what was live when.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from mlcharter.charter import release_record
from mlcharter.formats import strict_json
from mlcharter.release import signing, statement
from mlcharter.release.refusal import RefusedError
from mlcharter.release.statement import Statement
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Tree, Unreadable

PATH = "versioning/live.json"
ENVELOPE = f"{release_record.RELEASES}/{{}}.dsse.json"
BUNDLES = f"{release_record.RELEASES}/{{}}.sigstore.jsonl"  # one bundle a line


class Live(Struct, frozen=True, forbid_unknown_fields=True):
    """The live release; a deployment names its manifest, `sha256:…`."""

    id: str
    sequence: int
    manifest: str


def parse(data: bytes | str) -> Live | None:
    """Return the live release that a file names; None if it does not name one."""
    try:
        return msgspec.convert(strict_json.loads(data), Live)
    except (ValueError, RecursionError):
        return None


def read(tree: Tree) -> Live | None:
    """Return the live release; None before the first one. A damaged file is a UserError."""
    if not tree.lexists(PATH):
        return None
    data = tree.read(PATH)
    if isinstance(data, Unreadable):
        raise UserError(f"{PATH} {data.message}", hint="restore it from Git")
    live = parse(data)
    if live is None:
        hint = f"restore it: `git checkout HEAD -- {PATH}`"
        raise UserError(f"{PATH} does not name a release", hint=hint)
    return live


def find_pinned(tree: Tree, id: str) -> str | None:
    """Return the digest of a release's manifest by its envelope in Git; None without envelope."""
    signed = read_signed(tree, id)
    return None if signed is None else signed.manifest


def find_problem(live: Live, signed: Statement) -> str | None:
    """Return how `versioning/live.json` differs from what was signed; None if it does not."""
    if live.sequence == signed.predicate.sequence:
        return None
    both = f"{live.sequence}, and {signed.predicate.sequence} was signed"
    return f"{PATH} has the sequence {both}; restore it from Git"


def read_signed(tree: Tree, id: str) -> Statement | None:
    """Return the statement in a release's envelope in Git; None without envelope."""
    path = ENVELOPE.format(id)
    if not tree.lexists(path):
        return None
    data = tree.read(path)
    if isinstance(data, Unreadable):
        raise RefusedError(id, [f"{path} {data.message}"])
    return statement.parse(signing.parse(data, id).content, id)


def write(root: Path, live: Live) -> None:
    """Make a release live, atomically."""
    data = msgspec.json.format(msgspec.json.encode(live), indent=2)
    writing.replace(root, PATH, data + b"\n")
