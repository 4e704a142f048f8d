"""Tell what an update of the template does in a change from what its author does beside it.

The base after the update alone is compared with the base, and with the change: what weakens only
between the base and the update is the template's.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from mlcharter.charter.charter import Charter
from mlcharter.diff import comparing
from mlcharter.diff.difference import Comparison, Difference, ordered
from mlcharter.support.errors import UserError
from mlcharter.support.files import Overlay, Tree

# Returns the files that an update to the version of the second charter writes into the first.
Foresee: TypeAlias = "Callable[[Charter, Charter], Mapping[str, bytes | None]]"
_OWNERS = "owners of "


def explain(
    comparison: Comparison,
    old: Charter,
    new: Charter,
    foresee: Foresee,
    open_charter: Callable[[Tree], Charter],
) -> Comparison:
    """Return a comparison in which a person judges what the update of the template weakens."""
    version = new.answers.commit
    try:
        contents = foresee(old, new)
    except UserError as error:
        reason = f"{error.message}; {error.hint}" if error.hint else error.message
        note = f"it is not known what the update of the template to {version} changes: {reason}"
        return replace(comparison, notes=(*comparison.notes, note))
    updated = open_charter(Overlay(old.tree, contents))
    of_template = set(map(_key, comparing.compare(old, updated, "").differences))
    rest = comparing.compare(updated, new, "").differences
    of_author = {_name(d) for d in rest if d.effect == "weakens"}
    note = f"the update of the template to {version} does it"

    def judge(difference: Difference) -> Difference:
        explained = _key(difference) in of_template and _name(difference) not in of_author
        if difference.effect != "weakens" or difference.final or not explained:
            return difference
        notes = "; ".join(filter(None, (difference.note, note)))
        return replace(difference, effect="needs a person", note=notes)

    return replace(comparison, differences=ordered(map(judge, comparison.differences)))


def _key(difference: Difference) -> tuple[str, str, str, str]:
    return difference.path, difference.subject, difference.before, difference.after


def _name(difference: Difference) -> str:
    """Return what differs; changes of owners are one, since a subject names one file of many."""
    return _OWNERS if difference.subject.startswith(_OWNERS) else difference.subject
