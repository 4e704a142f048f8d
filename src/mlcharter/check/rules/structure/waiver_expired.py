"""A waiver of an item, of an entry in a config block or in the settings has expired.

After its end date, the requirement counts again.

Flagged:

    - [ ] `slice-gates` Every slice has a gate. Waived until 2026-11-29 by @lead: labels are late.

Flagged:

    --- .mlcharter.yml
    allow:
      - rule: link-broken
        until: 2026-11-29
        by: "@lead"
        reason: the wiki is moving

Fine:

    - [ ] `slice-gates` Every slice has a gate. Waived until 2027-01-31 by @lead: labels are late.
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "draft"
_REMEDY = "meet the requirement, or have the waiver extended"


def check(charter: Charter) -> Iterator[Finding]:
    for document, item in charter.items:
        waiver = item.waiver
        if waiver is not None and waiver.until is not None and waiver.until < charter.earliest:
            name = f"`{item.id}`" if item.id else "an item"
            message = f"the waiver of {name} expired on {waiver.until}; {_REMEDY}"
            yield document.finding(waiver.line, message, waiver.column)
    for kind in charter.kinds:
        for entry in charter.every(kind):
            waived = getattr(entry.value, "waived", None)
            if waived is not None and waived.until < charter.earliest:
                message = f"`waived` of `{kind}` expired on {waived.until}; {_REMEDY}"
                yield entry.finding(message, "waived", "until")
    for allow, sourced, n in charter.settings.allows:
        if allow.until < charter.earliest:
            message = f"the `allow` for `{allow.rule}` expired on {allow.until}; {_REMEDY}"
            yield sourced.finding(message, "allow", n, "until")
