"""The settings cannot be read, are not valid, or weaken a locked setting.

A typo in an `allow` entry must neither suppress everything nor be ignored.

Flagged:

    --- .mlcharter.yml
    levl: release

Flagged:

    --- .mlcharter.yml
    allow:
      - rule: link-borken
        until: 2027-01-31
        by: "@lead"
        reason: the wiki is moving

Flagged:

    --- .mlcharter.yml
    extends: https://git.acme.example/settings.yml

Flagged:

    --- standards/organisation.yml
    locked: true
    level: complete
    --- .mlcharter.yml
    extends: standards/organisation.yml
    level: draft

Fine:

    --- standards/organisation.yml
    locked: true
    level: complete
    --- .mlcharter.yml
    extends: standards/organisation.yml
    level: release
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import Sourced
from mlcharter.check import rule
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import nearest

LEVEL = "draft"
WITHOUT_ANSWERS = True


def check(charter: Charter) -> Iterator[Finding]:
    yield from charter.settings.problems
    rules = rule.names()
    for sourced in (charter.settings.own, *charter.settings.above):
        for pattern, place in _list_patterns(sourced):
            if not any(fnmatchcase(name, pattern) for name in rules):
                near = nearest(pattern, rules)
                remedy = f"did you mean `{near[0]}`?" if near else "`mlcharter explain` lists them"
                yield sourced.finding(f"there is no rule `{pattern}`; {remedy}", *place)


def _list_patterns(sourced: Sourced) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Yield each pattern of rule names in a settings file, with its path."""
    settings = sourced.settings
    for n, pattern in enumerate(settings.select):
        yield pattern, ("select", n)
    for n, pattern in enumerate(settings.ignore):
        yield pattern, ("ignore", n)
    for n, allow in enumerate(settings.allow):
        yield allow.rule, ("allow", n, "rule")
