"""A crosswalk names a part that no charter has, or says nothing about a clause.

A misspelt item is never with evidence, and an auditor reads that the clause is not covered.
A part of another track or tier is no mistake: a standard is for many repositories.

Flagged:

    --- .mlcharter.yml
    crosswalks:
      annex-4: {}

Flagged:

    --- .mlcharter.yml
    crosswalks:
      acme-policy:
        title: Acme's policy for machine learning
        clauses:
          - {id: "1", asks: a named owner, items: [decision-owners]}

Flagged:

    --- .mlcharter.yml
    crosswalks:
      acme-policy:
        title: Acme's policy for machine learning
        clauses:
          - {id: "1", asks: a named owner}

Fine:

    --- .mlcharter.yml
    crosswalks:
      annex-iv: {}
      acme-policy:
        title: Acme's policy for machine learning
        clauses:
          - {id: "1", asks: a named owner, items: [decision-owner]}
          - {id: "2", asks: a yearly audit, gap: kept by the audit department}
"""

from collections.abc import Iterator

from mlcharter.charter import config_entries, crosswalks, required
from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import Clause, Crosswalk, Sourced
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import remedy
from mlcharter.template import composing, specification

LEVEL = "draft"
_WHAT = {"items": "item", "sections": "section", "config": "config block"}


def check(charter: Charter) -> Iterator[Finding]:
    sources = (charter.settings.own, *charter.settings.above)
    if not any(sourced.settings.crosswalks for sourced in sources):
        return
    every = crosswalks.read(charter)
    known = _list_known(charter)
    for sourced in sources:
        for name, own in sourced.settings.crosswalks.items():
            if every[name].title is None:
                others = [other for other, one in every.items() if one.title]
                message = f"there is no crosswalk `{name}`; {remedy(name, others)}, or give a title"
                yield sourced.finding(message, "crosswalks", name)
            yield from _check_clauses(sourced, name, own, every[name], known)


def _check_clauses(
    sourced: Sourced, name: str, own: Crosswalk, whole: Crosswalk, known: dict[str, set[str]]
) -> Iterator[Finding]:
    combined = {clause.id: clause for clause in whole.clauses}
    for n, clause in enumerate(own.clauses):
        place = ("crosswalks", name, "clauses", n)
        for kind, names in known.items():
            for at, part in enumerate(getattr(clause, kind)):
                if part not in names:
                    hint = remedy(part, sorted(names, key=lambda o: (o[:1] != part[:1], o)), most=5)
                    yield sourced.finding(
                        f"there is no {_WHAT[kind]} `{part}`; {hint}", *place, kind, at
                    )
        if lacking := _find_lacking(combined[clause.id]):
            yield sourced.finding(f"clause `{clause.id}` {lacking}", *place, "id")


def _find_lacking(clause: Clause) -> str | None:
    if not (clause.items or clause.sections or clause.config or clause.gap):
        return "names no part of the charter; name one, or say in `gap` why it is not covered"
    return None if clause.asks else "does not say what it asks; add `asks`"


def _list_known(charter: Charter) -> dict[str, set[str]]:
    """Return the names of all parts, those of other tracks and tiers too."""
    tracks = list(composing.list_tracks(charter.template))
    answers = {"tracks": tracks, "layout": "documents"}
    everything = specification.read(charter.template, answers, charter.cache)
    own = specification.read(charter.template, charter.answers.values | {"tier": None})
    found: dict[str, set[str]] = {"items": set(), "sections": set(), "config": set()}
    for spec in (everything, own):
        spec = required.extend(spec, charter.settings.required)
        found["items"] |= spec.items.keys()
        found["sections"] |= {section.id for section in spec.sections}
    found["config"] |= set(config_entries.kinds())
    return found
