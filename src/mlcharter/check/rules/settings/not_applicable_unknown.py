"""`not_applicable` names a part that the charter does not have.

A misspelt name declines nothing, and the part that was meant stays required.

Flagged:

    --- .mlcharter.yml
    not_applicable:
      docs/90_day_plan.md: {by: "@ada", reason: the system is four years old}

Fine:

    --- .mlcharter.yml
    not_applicable:
      docs/ninety_day_plan.md: {by: "@ada", reason: the system is four years old}
"""

from collections.abc import Iterable, Iterator

from mlcharter.charter import required
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import remedy
from mlcharter.template import specification

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    own = charter.settings.own
    if not own.settings.not_applicable:
        return
    answers = charter.answers.values | {"tier": None}  # a part of a higher tier can be declined
    spec = specification.read(charter.template, answers, charter.cache)
    spec = required.extend(spec, charter.settings.required)
    known = {id.partition(":")[2] for id in spec.ids if not id.startswith("config:")}
    for name in own.settings.not_applicable:
        if name not in known:
            message = (
                f"there is no document, section or item `{name}`; "
                f"{remedy(name, _sort_by_likeness(known, name), most=5)}"
            )
            yield own.finding(message, "not_applicable", name)


def _sort_by_likeness(known: Iterable[str], name: str) -> list[str]:
    """Return names in order, those with the same first letter first: only some are compared."""
    return sorted(known, key=lambda other: (other[:1] != name[:1], other))
