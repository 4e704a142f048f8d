"""A document that every charter has is missing.

Whoever looks for it at night finds nothing, and does not learn who decided that.

Template:

    --- docs/design_doc.md
    # Fraud watch: design
    --- ops/runbook.md
    # Fraud watch: runbook

Flagged:

    --- docs/design_doc.md
    # Fraud watch: design

Fine:

    --- docs/design_doc.md
    # Fraud watch: design
    --- ops/runbook.md
    # Fraud watch: runbook
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for demand in charter.spec.documents:
        if demand.standard and not charter.tree.lexists(demand.path):
            message = "this document of the charter is missing; restore it with `--fix`"
            yield Finding(demand.path, 1, 1, "", message)
