"""A waiver has no end, no owner or no reason, or its end is too far away to be one.

Without an end it is a decision that nobody took; without an owner nobody ends it; without a
reason nobody can tell whether it still holds.

Flagged:

    - [ ] `slice-gates` Every slice has a gate. Waived until spring by @lead: labels are late.

Flagged:

    - [ ] `slice-gates` Every slice has a gate. Waived until 2027-01-31 by @lead:

Flagged:

    - [ ] `slice-gates` Every slice has a gate. Waived by the lead: labels are late.

Flagged:

    - [ ] `slice-gates` Every slice has a gate. Waived until 2126-01-31 by @lead: labels are late.

Flagged:

    - [x] `slice-gates` Every slice has a gate. Waived until 2027-01-31 by @lead: labels are late.

Flagged:

    <!-- config: error_budget_policy -->
    ```yaml
    window: 28d
    actions: [{spent: 1.0, action: freeze}]
    override_by: "@acme/fraud"
    waived: {until: 2126-01-31, by: "@lead", reason: nothing is served yet}
    ```

Flagged:

    --- .mlcharter.yml
    allow:
      - {rule: link-broken, until: 2126-01-31, by: "@lead", reason: the wiki is moving}

Fine:

    - [ ] `slice-gates` Every slice has a gate. Waived until 2027-01-31 by @lead: labels are late.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from mlcharter.charter.charter import Charter
from mlcharter.markdown.document import Item, Waiver
from mlcharter.support.finding import Finding

LEVEL = "draft"
_LONGEST = 730  # where the settings set no limit: two years outlive the team that waived


def check(charter: Charter) -> Iterator[Finding]:
    longest = charter.settings.waiver_days or _LONGEST
    latest = charter.latest + timedelta(days=longest)
    remedy = f"for longer than {longest} days; choose an earlier end"
    for document, item in charter.items:
        if item.waiver is not None:
            for message in _wrong(item, item.waiver, latest, remedy):
                waiver = item.waiver
                yield document.finding(waiver.line, f"{_name(item)} {message}", waiver.column)
    for kind in charter.kinds:
        for entry in charter.every(kind):
            waived = getattr(entry.value, "waived", None)
            if waived is not None and waived.until > latest:
                yield entry.finding(f"{entry.subject} is waived {remedy}", "waived", "until")
    for allow, sourced, n in charter.settings.allows:
        if allow.until > latest:
            message = f"the `allow` for `{allow.rule}` stands {remedy}"
            yield sourced.finding(message, "allow", n, "until")


def _wrong(item: Item, waiver: Waiver, latest: date, remedy: str) -> Iterator[str]:
    if item.ticked:
        yield "is ticked and waived at once; decide for one"
    if waiver.until is None:
        given = f"`{waiver.until_text}`" if waiver.until_text else "nothing"
        yield f"is waived until {given}; give a day such as 2027-01-31"
    elif waiver.until > latest:
        yield f"is waived {remedy}"
    if "@" not in waiver.by:
        yield "is waived by nobody; write `by @handle` or an e-mail address"
    if not waiver.reason:
        yield "is waived without a reason; write it after a colon"


def _name(item: Item) -> str:
    return f"`{item.id}`" if item.id else "this item"
