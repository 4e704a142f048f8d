"""A kill criterion has neither an alert nor a date, or its date has passed without a decision.

A criterion stops a system only if an alert fires, or if somebody decides on a fixed date. After
that date, a decision record says what was decided.

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
_MAX_AHEAD = datetime.timedelta(days=731)


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("decision")
    if entry is None:
        return
    record = cross_references.located(charter, entry, entry.value.adr)
    for n, kill in enumerate(entry.value.kill):
        if kill.alert is None and kill.by is None:
            message = "this kill criterion has no trigger; give an `alert`, or a date in `by`"
            yield entry.finding(message, "kill", n)
        elif kill.alert is not None and kill.by is not None:
            message = "this kill criterion has both an alert and a date; split it in two"
            yield entry.finding(message, "kill", n, "by")
        elif kill.by is not None and kill.by > charter.latest + _MAX_AHEAD:
            message = f"{kill.by} is more than two years away; choose an earlier date"
            yield entry.finding(message, "kill", n, "by")
        elif kill.by is not None and _is_undecided(charter, record, kill.by):
            message = f"{kill.by} has passed, but `adr` names no decision from that time"
            remedy = "decide, record it, and name the record in `adr`"
            yield entry.finding(f"{message}; {remedy}", "kill", n, "by")


def _is_undecided(charter: Charter, path: str, due: datetime.date) -> bool:
    """Return whether the date has passed, and the record is older than a month before it."""
    if due >= charter.earliest:
        return False
    decision = charter.document(path)
    field = decision.field("Decided") if decision is not None else None
    try:
        decided = datetime.date.fromisoformat(field.value) if field is not None else None
    except ValueError:
        return True
    return decided is None or decided < due - datetime.timedelta(days=31)
