"""An `allow` entry of the settings excuses nothing.

What it excused was mended, or never was. Left in place it waits for the next mistake.

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


def check_all(charter: Charter, found: Sequence[Finding]) -> Iterator[Finding]:
    own = charter.settings.own
    places = tuple({(finding.rule, finding.path): finding for finding in found}.values())
    for n, allow in enumerate(own.settings.allow):
        if allow.until >= charter.earliest and not any(map(allow.covers, places)):
            message = f"nothing is found that this `allow` for `{allow.rule}` excuses"
            yield own.finding(f"{message}; remove it", "allow", n)
