"""Compare two charters by every kind, and say who owned what changed."""

from msgspec.structs import replace

from mlcharter.charter.charter import Charter
from mlcharter.diff import excuses, ownership
from mlcharter.diff.difference import Comparison, ordered
from mlcharter.diff.pair import Pair
from mlcharter.support import plugins

KINDS = "mlcharter.diff.kinds"


def compare(old: Charter, new: Charter, base: str, prefix: str = "") -> Comparison:
    """Return every difference between two charters; `base` is how the first is named."""
    pair = Pair(old, new)
    changes = [d for module in plugins.load(KINDS).values() for d in module.compare(pair)]
    found = excuses.add(pair, changes)
    owned = ownership.read(old)
    return Comparison(
        prefix,
        base,
        ordered(replace(d, owners=owned.of(d.base_path or d.path)) for d in found),
    )
