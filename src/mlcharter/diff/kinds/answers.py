"""The answers: tier, tracks, and the template with its version."""

from collections.abc import Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions
from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.support import versions
from mlcharter.template.answers import TIERS

# All other answers need a person.
_WEAKER: dict[str, Any] = {
    "tracks": LESS,
    "tier": TIERS[::-1],
    "kept": MORE,
    "only": ANY,
    "_src_path": ANY,
    "_commit": LESS,
}


def compare(pair: Pair) -> Iterator[Difference]:
    old, new = _values(pair.old), _values(pair.new)
    read = pair.new.answers
    if read.problem is not None and pair.old.answers.problem is None:
        line, _, message = read.problem
        yield difference("weakens", "answers", ("valid", message), read.path, line)
        return
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        direction = _WEAKER.get(name, PERSON)
        if name == "_commit" and None in (
            versions.numbers(before or ""),
            versions.numbers(after or ""),
        ):
            direction = PERSON  # which of two commits is newer only Git knows
        effect = directions.judge(direction, before, after)
        yield difference(effect, f"answer `{name}`", (before, after), read.path, read.line(name))


def _values(charter: Charter) -> dict[str, Any]:
    """Return the answers; the tier is that which applies, and lists of files are lists."""
    read = charter.answers
    values = {name: value for name, value in read.values.items() if value is not None}
    files = {"kept": list(read.kept), "only": list(read.only)}
    return {
        **{name: value for name, value in values.items() if name not in files},
        "tier": charter.tier,
        **{name: paths for name, paths in files.items() if paths},
    }
