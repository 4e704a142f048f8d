"""The template version is older than the settings allow.

An organisation raises `minimum_template` when a version adds a requirement that every repository
must meet.

Flagged:

    --- .mlcharter.yml
    minimum_template: v0.2.0

Fine:

    --- .mlcharter.yml
    minimum_template: v0.1.0
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support import versions
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    minimum = charter.settings.values.minimum_template
    if minimum is None:
        return
    commit = charter.answers.commit
    version = versions.numbers(commit)
    required = f"but the settings require {minimum} or newer"
    if version is None:
        message = f"`_commit` is not a release, {required}; run `mlcharter update --to {minimum}`"
        yield charter.answers.finding("_commit", message)
    elif version < (versions.numbers(minimum) or ()):
        message = f"generated from {commit}, {required}; run `mlcharter update`"
        yield charter.answers.finding("_commit", message)
