"""The repository was made from another template than the one that this program carries.

Its answers are not followed: it is held to what this program asks for, which may be more, or less.
`mlcharter check --trust-source` gets the template that the answers name, and holds it to that.

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
        given = without_secrets(str(source))
        message = f"made from `{given}`, and held to the template that this program carries"
        remedy = "`--trust-source` holds it to its own"
        yield charter.answers.finding("_src_path", f"{message}; {remedy}")
