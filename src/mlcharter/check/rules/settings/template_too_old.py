"""The template version is older than the least that the settings allow.

An organisation raises it when a version asks for something that nobody may be without.

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
    least = charter.settings.minimum_template
    if least is None:
        return
    made = versions.numbers(charter.answers.commit)
    if made is None:
        message = f"`_commit` is no release, and the settings require {least} or newer"
        yield charter.answers.finding("_commit", f"{message}; run `mlcharter update --to {least}`")
    elif made < (versions.numbers(least) or ()):
        message = f"made from {charter.answers.commit}, and the settings require {least} or newer"
        yield charter.answers.finding("_commit", f"{message}; run `mlcharter update`")
