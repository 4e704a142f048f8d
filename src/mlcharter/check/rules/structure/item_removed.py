"""A checklist item was removed.

If an item does not apply, waive it with an end date and a reason. A deleted item looks as if it
had never been required.

Template:

    # Fraud watch: runbook

    ## Rollback
    <!-- section: rollback -->

    - [ ] `rollback-drilled` The rollback was carried out within the last quarter.

Flagged:

    # Fraud watch: runbook

    ## Rollback
    <!-- section: rollback -->

    One command rolls back.

Flagged:

    # Fraud watch: runbook

    ## Rollback
    <!-- section: rollback -->

    - [y] `rollback-drilled` The rollback was carried out within the last quarter.

Fine:

    # Fraud watch: runbook

    ## Rollback
    <!-- section: rollback -->

    - [ ] `rollback-drilled` Each quarter someone rolls back.
      Waived until 2027-01-31 by @lead: no staging yet.
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.markdown import boxes
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    present = {id for document in charter.documents for id in document.item_ids.values()}
    for spec, section in charter.sections:
        for item in spec.items:
            if item.id in present:
                continue
            line = boxes.find_malformed(section.document, item.id)
            if line is not None:
                message = (
                    f"the item `{item.id}` has no checkbox; begin it with ``- [ ] `{item.id}` ``"
                )
                yield section.document.finding(line, message)
            else:
                message = f"the item `{item.id}` is missing from the section `{spec.id}`"
                remedy = "restore it with `--fix`, and waive it if it does not apply"
                yield section.document.finding(section.line, f"{message}; {remedy}")
