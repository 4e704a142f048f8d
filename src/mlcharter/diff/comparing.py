"""Compare two charters by every kind, and say who owned what changed."""

from collections.abc import Sequence

from msgspec.structs import replace

from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import Allow
from mlcharter.check import engine
from mlcharter.diff import ownership
from mlcharter.diff.difference import Comparison, Difference, ordered
from mlcharter.diff.pair import Pair
from mlcharter.support import plugins
from mlcharter.support.finding import Finding

KINDS = "mlcharter.diff.kinds"
_MOST_EXCUSED = 20  # findings that are listed for one entry


def compare(old: Charter, new: Charter, base: str, prefix: str = "") -> Comparison:
    """Return every difference between two charters; `base` is how the first is named."""
    if not old.tree.exists(old.answers.path):
        note = f"{base} has no charter, so there is nothing to weaken"
        return Comparison(prefix, base, (), (note,))
    pair = Pair(old, new)
    changes = [d for module in plugins.load(KINDS).values() for d in module.compare(pair)]
    found = _with_excuses(new, changes)
    owned = ownership.read(old)
    return Comparison(
        prefix,
        base,
        ordered(replace(d, owners=owned.of(d.base_path or d.path)) for d in found),
    )


def _with_excuses(new: Charter, found: Sequence[Difference]) -> Sequence[Difference]:
    """Return the differences; those of `allow` with the findings that they accept."""
    excusing = [
        d for d in found if d.effect == "weakens" and d.subject.startswith("setting `allow")
    ]
    if not excusing:
        return found
    allowed = [
        j.finding for j in engine.check(new, level="release").judged if j.outcome == "allowed"
    ]
    places = [
        (sourced.path, sourced.finding("", "allow", n).line, allow)
        for allow, sourced, n in new.settings.allows
    ]
    return [_add_excuses(d, places, allowed) if d in excusing else d for d in found]


def _add_excuses(
    difference: Difference, places: Sequence[tuple[str, int, Allow]], allowed: Sequence[Finding]
) -> Difference:
    """Return a difference of an `allow` entry with the findings that the entry accepts."""
    above = [
        allow for path, line, allow in places if path == difference.path and line <= difference.line
    ]
    texts = [
        f"{finding.path}:{finding.line}: {finding.message} [{finding.rule}]"
        for finding in allowed
        if above and above[-1].covers(finding.rule, finding.path)
    ]
    count = "1 finding" if len(texts) == 1 else f"{len(texts)} findings"
    note = f"excuses {count}" if texts else "excuses nothing now"
    note = f"{difference.note}; {note}" if difference.note else note
    return replace(difference, note=note, excuses=tuple(texts[:_MOST_EXCUSED]))
