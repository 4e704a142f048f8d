"""An item of a checklist was removed.

What nobody will do is waived, with an end and a reason. What is deleted looks as if it had never
been asked for.

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
    here = {id for document in charter.documents for id in document.item_ids.values()}
    for wanted, section in charter.sections:
        for item in wanted.items:
            if item.id in here:
                continue
            line = boxes.find_malformed(section.document, item.id)
            if line is not None:
                message = f"the item `{item.id}` has no box; begin it with ``- [ ] `{item.id}` ``"
                yield section.document.finding(line, message)
            else:
                message = f"the item `{item.id}` is gone from the section `{wanted.id}`"
                remedy = "restore it with `--fix`, and waive it if it does not apply"
                yield section.document.finding(section.line, f"{message}; {remedy}")
