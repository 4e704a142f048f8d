"""The repository was generated from a template other than the bundled one.

`check` does not fetch that template. It uses the bundled one, which may require more or less.
`mlcharter check --trust-source` fetches the template that the answers name, and checks against it.

Flagged:

    --- .copier-answers.yml
    _src_path: https://git.elsewhere.example/charter.git
    layout: full
    tier: production
    tracks: [applied]

Fine:

    --- .copier-answers.yml
    _src_path: gh:mlcharter/mlcharter
    layout: full
    tier: production
    tracks: [applied]
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.addresses import without_secrets
from mlcharter.support.finding import Finding
from mlcharter.template import bundled

LEVEL = "note"


def check(charter: Charter) -> Iterator[Finding]:
    source = charter.answers.values.get("_src_path")
    if source is None or charter.template != bundled.embedded_root():
        return
    if not bundled.is_own(str(source)):
        address = without_secrets(str(source))
        message = f"generated from `{address}`, but checked against the bundled template"
        remedy = "`--trust-source` checks against its own"
        yield charter.answers.finding("_src_path", f"{message}; {remedy}")
