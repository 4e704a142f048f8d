"""A waiver has no end, no owner or no reason.

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

Fine:

    - [ ] `slice-gates` Every slice has a gate. Waived until 2027-01-31 by @lead: labels are late.
"""

from collections.abc import Iterator
from datetime import timedelta

from mlcharter.charter import Charter
from mlcharter.document import Item, Waiver
from mlcharter.finding import Finding

LEVEL = "draft"
_LONGEST = 730  # where the policy sets no limit: two years outlive the team that waived


def check(charter: Charter) -> Iterator[Finding]:
    for document, item in charter.items:
        if item.waiver is not None:
            for message in _wrong(charter, item, item.waiver):
                waiver = item.waiver
                yield document.finding(waiver.line, f"{_name(item)} {message}", waiver.column)


def _wrong(charter: Charter, item: Item, waiver: Waiver) -> Iterator[str]:
    longest = charter.policy.waiver_days or _LONGEST
    if item.ticked:
        yield "is ticked and waived at once; decide for one"
    if waiver.until is None:
        given = f"`{waiver.until_text}`" if waiver.until_text else "nothing"
        yield f"is waived until {given}; give a day such as 2027-01-31"
    elif waiver.until > charter.today + timedelta(days=longest):
        yield f"is waived for longer than {longest} days; choose an earlier end"
    if "@" not in waiver.by:
        yield "is waived by nobody; write `by @handle` or an e-mail address"
    if not waiver.reason:
        yield "is waived without a reason; write it after a colon"


def _name(item: Item) -> str:
    return f"`{item.id}`" if item.id else "this item"
