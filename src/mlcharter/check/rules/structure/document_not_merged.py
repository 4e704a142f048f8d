"""A document of the charter is one that was here before, without the charter's sections.

`adopt` leaves it alone, and so do updates: what the charter asks for in it is written nowhere.

Template:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    Not written yet.

Flagged:

    --- .copier-answers.yml
    _src_path: https://git.acme.example/charter.git
    kept: docs/design_doc.md
    layout: documents
    tier: production
    tracks: [applied]
    --- docs/design_doc.md
    # How the fraud watch is built

Fine:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for demand in charter.spec.kept:
        if demand.finished or charter.spec.document(demand.path):
            continue
        here = charter.tree.lexists(demand.path)
        message = (
            "it was here before, and has none of the charter's sections" if here else "it is gone"
        )
        remedy = f"add them with `mlcharter adopt --merge {demand.path}`"
        yield Finding(demand.path, 1, 1, "", f"{message}; {remedy}")
