"""An `allow` entry of the settings suppresses no finding.

The finding was fixed, or never existed. If the entry stays, it hides the next finding like it.

Flagged:

    --- .mlcharter.yml
    allow:
      - rule: link-broken
        until: 2027-01-31
        by: "@lead"
        reason: the wiki is moving

Fine:

    # Fraud watch: design
"""

from collections.abc import Iterator, Sequence

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check_all(charter: Charter, findings: Sequence[Finding]) -> Iterator[Finding]:
    own = charter.settings.own
    by_place = {(finding.rule, finding.path): finding for finding in findings}
    distinct = tuple(by_place.values())
    for n, allow in enumerate(own.settings.allow):
        if allow.until >= charter.earliest and not any(map(allow.covers, distinct)):
            message = f"this `allow` for `{allow.rule}` suppresses no finding; remove it"
            yield own.finding(message, "allow", n)
