"""The policy cannot be read, says something that it cannot mean, or weakens what is locked.

A typo in a waiver must not waive everything, and not silently nothing.

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
    extends: https://git.acme.example/policy.yml

Flagged:

    --- policies/organisation.yml
    locked: true
    level: review
    --- .mlcharter.yml
    extends: policies/organisation.yml
    level: draft

Fine:

    --- policies/organisation.yml
    locked: true
    level: review
    --- .mlcharter.yml
    extends: policies/organisation.yml
    level: release
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from mlcharter.charter.charter import Charter
from mlcharter.charter.policy import Sourced
from mlcharter.check import rule
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import nearest

LEVEL = "draft"
WITHOUT_ANSWERS = True


def check(charter: Charter) -> Iterator[Finding]:
    yield from charter.policy.problems
    known = rule.names()
    for sourced in (charter.policy.own, *charter.policy.above):
        for pattern, at in _patterns(sourced):
            if not any(fnmatchcase(name, pattern) for name in known):
                near = nearest(pattern, known)
                remedy = f"did you mean `{near[0]}`?" if near else "`mlcharter explain` lists them"
                yield sourced.finding(f"there is no rule `{pattern}`; {remedy}", *at)


def _patterns(sourced: Sourced) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    policy = sourced.policy
    for n, pattern in enumerate(policy.select):
        yield pattern, ("select", n)
    for n, pattern in enumerate(policy.ignore):
        yield pattern, ("ignore", n)
    for n, allow in enumerate(policy.allow):
        yield allow.rule, ("allow", n, "rule")
