"""A standard document is missing.

People and tools look for it at a fixed path. If it is missing, nobody can tell whether it was
left out on purpose.

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
    for spec in charter.spec.documents:
        if spec.standard and not charter.tree.lexists(spec.path):
            message = "this standard document is missing; restore it with `--fix`"
            yield Finding(spec.path, 1, 1, "", message)
