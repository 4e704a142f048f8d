"""The answers name another template than the one that the settings allow.

An update follows that name. Whoever can change it chooses what the next update writes.

Flagged:

    --- .mlcharter.yml
    template: https://git.acme.example/ml/charter.git
    --- .copier-answers.yml
    _src_path: https://git.elsewhere.example/charter.git
    layout: full
    tier: production
    tracks: [applied]

Fine:

    --- .mlcharter.yml
    template: https://git.acme.example/charter.git
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.addresses import comparable, without_secrets
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    wanted = charter.settings.template
    if wanted is None:
        return
    given = str(charter.answers.values.get("_src_path", ""))
    if comparable(given) != comparable(wanted):
        ours, theirs = without_secrets(given), without_secrets(wanted)
        message = f"`_src_path` is `{ours}`, and the settings allow `{theirs}` only"
        yield charter.answers.finding("_src_path", f"{message}; correct it")
