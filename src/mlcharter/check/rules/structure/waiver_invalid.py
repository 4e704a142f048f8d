"""A waiver has no end date, no owner or no reason, or lasts too long.

On the end date somebody decides again; the owner can end the waiver earlier, and the reason shows
whether it still applies.

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
from mlcharter.charter.settings import WAIVER_DAYS
from mlcharter.markdown.checklist import Item, Waiver
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    days = charter.settings.values.waiver_days or WAIVER_DAYS
    latest = charter.latest + timedelta(days=days)
    too_long = f"for longer than {days} days; choose an earlier end date"
    for document, item in charter.items:
        if item.waiver is not None:
            for message in _find_problems(item, item.waiver, latest, too_long):
                waiver = item.waiver
                yield document.finding(waiver.line, f"{_name(item)} {message}", waiver.column)
    for kind in charter.kinds:
        for entry in charter.every(kind):
            waived = getattr(entry.value, "waived", None)
            if waived is not None and waived.until > latest:
                yield entry.finding(f"{entry.subject} is waived {too_long}", "waived", "until")
    for allow, sourced, n in charter.settings.allows:
        if allow.until > latest:
            message = f"the `allow` for `{allow.rule}` applies {too_long}"
            yield sourced.finding(message, "allow", n, "until")


def _find_problems(item: Item, waiver: Waiver, latest: date, too_long: str) -> Iterator[str]:
    """Yield what is wrong with the waiver of an item, each as the end of a sentence about it."""
    if item.ticked:
        yield "is both ticked and waived; keep one"
    if waiver.until is None and waiver.until_text:
        yield f"is waived until `{waiver.until_text}`; give a date such as 2027-01-31"
    elif waiver.until is None:
        yield "is waived without an end; give a date such as `until 2027-01-31`"
    elif waiver.until > latest:
        yield f"is waived {too_long}"
    if "@" not in waiver.by:
        yield "is waived without an owner; write `by @handle` or an e-mail address"
    if not waiver.reason:
        yield "is waived without a reason; write it after a colon"


def _name(item: Item) -> str:
    return f"`{item.id}`" if item.id else "this item"
