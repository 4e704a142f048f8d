"""An item that the tier requires has neither evidence nor a waiver.

A release needs one or the other for each such item.

Template:

    # Fraud watch: runbook

    ## Rollback
    <!-- section: rollback -->

    - [ ] `rollback-drilled` The rollback was carried out. <!-- from production -->
    - [ ] `rollback-by-robot` The rollback needs no person. <!-- from critical -->

Flagged:

    # Fraud watch: runbook

    ## Rollback
    <!-- section: rollback -->

    - [ ] `rollback-drilled` The rollback was carried out. <!-- from production -->
    - [ ] `rollback-by-robot` The rollback needs no person. <!-- from critical -->

Fine:

    # Fraud watch: runbook

    ## Rollback
    <!-- section: rollback -->

    - [x] `rollback-drilled` The rollback was carried out. <!-- from production -->
      Evidence: [log](https://ci.acme.example/4711)
    - [ ] `rollback-by-robot` The rollback needs no person. <!-- from critical -->

Fine:

    # Fraud watch: runbook

    ## Rollback
    <!-- section: rollback -->

    - [ ] `rollback-drilled` The rollback was carried out.
      Waived until 2027-01-31 by @lead: no staging yet.
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    for document, item in charter.items:
        spec = charter.spec.items.get(item.id or "")
        if spec is None or not charter.requires(spec.tier):
            continue
        waiver = item.waiver
        waived = (
            waiver is not None and waiver.until is not None and waiver.until >= charter.earliest
        )
        if not item.ticked and not waived:
            message = f"`{item.id}` is required from tier {spec.tier} upwards, but is not ticked"
            remedy = "tick it and add `Evidence:`, or waive it"
            yield document.finding(item.line, f"{message}; {remedy}")
