"""A companion of the standard documents is missing, with the questions that it asks.

Where it does not apply, say so in it, or in an `allow` entry that somebody signs.
What only describes the skeleton that shipped may go together with that skeleton.

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
    for demand in charter.spec.documents:
        left_out = demand.standard or demand.finished
        if not left_out and not charter.tree.lexists(demand.path):
            message = f"this companion is missing, with {len(demand.sections)} sections"
            yield Finding(demand.path, 1, 1, "", f"{message}; restore it with `--fix`")
