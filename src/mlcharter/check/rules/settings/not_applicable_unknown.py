"""`not_applicable`, `exclude` or `provided_elsewhere` name a part that no charter has.

A misspelt name leaves out nothing, and the part that was meant stays required.
A part of another track or tier is no mistake: a standard is for many repositories.

Flagged:

    --- .mlcharter.yml
    not_applicable:
      docs/90_day_plan.md: {by: "@ada", reason: the system is four years old}

Flagged:

    --- .mlcharter.yml
    provided_elsewhere: {docs/design_dok.md: "https://wiki.acme.example/design"}

Fine:

    --- .mlcharter.yml
    not_applicable:
      docs/ninety_day_plan.md: {by: "@ada", reason: the system is four years old}
"""

from collections.abc import Iterable, Iterator

from mlcharter.charter import required
from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import Sourced
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import remedy
from mlcharter.template import history, specification

LEVEL = "draft"
_Named = tuple[Sourced, str, tuple[str | int, ...]]


def check(charter: Charter) -> Iterator[Finding]:
    named = list(_list_names(charter))
    if not named:
        return
    known = _list_known(charter)
    for sourced, name, place in named:
        if name not in known:
            message = (
                f"there is no document, section or item `{name}`; "
                f"{remedy(name, _sort_by_likeness(known, name), most=5)}"
            )
            yield sourced.finding(message, *place)


def _list_names(charter: Charter) -> Iterator[_Named]:
    """Yield each name of a part that is left out, with its file and its place there."""
    for sourced in (charter.settings.own, *charter.settings.above):
        for key in ("not_applicable", "provided_elsewhere"):
            for name in getattr(sourced.settings, key):
                yield sourced, name, (key, name)
        if sourced is not charter.settings.own:  # which may not exclude anything
            for n, name in enumerate(sourced.settings.exclude):
                yield sourced, name, ("exclude", n)


def _list_known(charter: Charter) -> set[str]:
    """Return the names of all parts, those of other tracks and tiers too."""
    answers = charter.answers.values | {"tier": None}
    spec = specification.read(charter.template, answers, charter.cache)
    spec = required.extend(spec, charter.settings.required)
    ids = (*spec.ids, *history.read_first_versions())
    return {*spec.forms, *(id.partition(":")[2] for id in ids if not id.startswith("config:"))}


def _sort_by_likeness(known: Iterable[str], name: str) -> list[str]:
    """Return names in order, those with the same first letter first: only some are compared."""
    return sorted(known, key=lambda other: (other[:1] != name[:1], other))
