"""A document existed before adoption, and does not have the charter's sections.

`adopt` and `update` leave such a document unchanged, so what the charter asks for in it is not
written anywhere.

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
    for spec in charter.spec.kept:
        if spec.finished or charter.spec.document(spec.path):
            continue
        if charter.tree.lexists(spec.path):
            message = "this document has none of the charter's sections; add them"
        else:
            message = "this document is missing; create it"
        message += f" with `mlcharter adopt --merge {spec.path}`"
        yield Finding(spec.path, 1, 1, "", message)
