"""Compare two charters by every kind, and say who owned what changed."""

import re

from msgspec.structs import replace

from mlcharter.charter import code_owners
from mlcharter.charter.charter import Charter
from mlcharter.diff import excuses
from mlcharter.diff.difference import Comparison, ordered
from mlcharter.diff.pair import Pair
from mlcharter.support import plugins

KINDS = "mlcharter.diff.kinds"
_HANDLE = re.compile(r"@[A-Za-z0-9][A-Za-z0-9._/-]*")


def compare(old: Charter, new: Charter, base: str, prefix: str = "") -> Comparison:
    """Return every difference between two charters; `base` is how the first is named."""
    pair = Pair(old, new)
    changes = [d for module in plugins.load(KINDS).values() for d in module.compare(pair)]
    found = excuses.add(pair, changes)
    owners = code_owners.read(old)
    return Comparison(
        prefix,
        base,
        ordered(replace(d, owners=_owners(old, owners, d.base_path or d.path)) for d in found),
    )


def _owners(old: Charter, owners: code_owners.CodeOwners, path: str) -> tuple[str, ...]:
    """Return who owned a file at the base: by CODEOWNERS, its field `Owner`, or the answers."""
    if found := owners.of(path):
        return found
    read = old.document(path)
    field = read.field("Owner") if read else None
    if field and (handles := _HANDLE.findall(field.value)):
        return tuple(handle.rstrip(".") for handle in handles)
    owner = str(old.answers.values.get("owner") or "")
    return (owner,) if "@" in owner else ()
