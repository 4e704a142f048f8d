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
from itertools import starmap

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check_all(charter: Charter, findings: Sequence[Finding]) -> Iterator[Finding]:
    own = charter.settings.own
    places = {(finding.rule, finding.path) for finding in findings}
    for n, allow in enumerate(own.settings.allow):
        if allow.until >= charter.earliest and not any(starmap(allow.covers, places)):
            message = f"this `allow` for `{allow.rule}` suppresses no finding; remove it"
            yield own.finding(message, "allow", n)
