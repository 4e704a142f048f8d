"""A kill criterion has neither an alert nor a day, or its day has passed undecided.

A system that nobody can end is never judged. What ends it is an alert that fires, or a day on
which it is decided; then a decision record says what came of it.

Flagged:

    <!-- config: decision -->
    ```yaml
    success: [{metric: approved-share, op: ">=", threshold: 0.8, bound: lower95}]
    kill: [{when: complaints double, alert: null, by: null}]
    steps: [shadow, canary, full]
    adr: docs/adr/order-only.md
    ```

Flagged:

    <!-- config: decision -->
    ```yaml
    success: [{metric: approved-share, op: ">=", threshold: 0.8, bound: lower95}]
    kill: [{when: nobody uses it, alert: null, by: 2026-11-15}]
    steps: [shadow, canary, full]
    adr: docs/adr/order-only.md
    ```
    --- docs/adr/order-only.md
    # Decision: order only

    Owner: @acme/fraud

    Decided: 2026-03-01

Fine:

    <!-- config: decision -->
    ```yaml
    success: [{metric: approved-share, op: ">=", threshold: 0.8, bound: lower95}]
    kill: [{when: nobody uses it, alert: null, by: 2026-11-15}]
    steps: [shadow, canary, full]
    adr: docs/adr/carry-on.md
    ```
    --- docs/adr/carry-on.md
    # Decision: carry on

    Owner: @acme/fraud

    Decided: 2026-11-14

Fine:

    <!-- config: decision -->
    ```yaml
    success: [{metric: approved-share, op: ">=", threshold: 0.8, bound: lower95}]
    kill: [{when: complaints double, alert: complaints, by: null}]
    steps: [shadow, canary, full]
    adr: docs/adr/order-only.md
    ```
"""

import datetime
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.check import cross_references
from mlcharter.support.finding import Finding

LEVEL = "complete"
_FAR = datetime.timedelta(days=731)


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("decision")
    if entry is None:
        return
    record = cross_references.located(charter, entry, entry.value.adr)
    for n, kill in enumerate(entry.value.kill):
        if kill.alert is None and kill.by is None:
            message = "this kill criterion is not armed; give an `alert` or the day `by` which"
            yield entry.finding(f"{message} it is decided", "kill", n)
        elif kill.alert is not None and kill.by is not None:
            message = "this kill criterion has an alert and a day; make two of it"
            yield entry.finding(message, "kill", n, "by")
        elif kill.by is not None and kill.by > charter.latest + _FAR:
            message = f"{kill.by} is too far to stop anything; decide within two years"
            yield entry.finding(message, "kill", n, "by")
        elif kill.by is not None and _undecided(charter, record, kill.by):
            message = f"{kill.by} has passed, and `adr` names no decision of that time"
            remedy = "decide, record it, and name the record in `adr`"
            yield entry.finding(f"{message}; {remedy}", "kill", n, "by")


def _undecided(charter: Charter, path: str, due: datetime.date) -> bool:
    """Whether the day has passed and no record is younger than a month before it."""
    if due >= charter.earliest:
        return False
    decision = charter.document(path)
    field = decision.field("Decided") if decision is not None else None
    try:
        day = datetime.date.fromisoformat(field.value) if field is not None else None
    except ValueError:
        return True
    return day is None or day < due - datetime.timedelta(days=31)
