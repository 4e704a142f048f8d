"""A supporting document is missing.

The standard documents rely on what it asks. If it does not apply, say so in it, or add an `allow`
entry that somebody signs. A document that only describes the starter may be deleted with it.

Template:

    --- ops/dr_drill.md
    # Fraud watch: disaster recovery drill

    ## Proof
    <!-- section: proof -->

    Not written yet.

Flagged:

    --- docs/design_doc.md
    # Fraud watch: design

Fine:

    --- ops/dr_drill.md
    # Fraud watch: disaster recovery drill

    ## Proof
    <!-- section: proof -->

    There is nothing to restore: the batch job is run again.
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for spec in charter.spec.documents:
        is_supporting = not (spec.standard or spec.finished)
        if is_supporting and not charter.tree.lexists(spec.path):
            message = "this supporting document is missing; restore it with `--fix`"
            yield Finding(spec.path, 1, 1, "", message)
