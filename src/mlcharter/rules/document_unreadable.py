"""A document cannot be read: it is no file, leads out of the repository, is too large, or no text.

What cannot be read cannot be held to anything, and a person could not read it either.

Template:

    # Fraud watch: design

Flagged:

    --- docs/design_doc.md/part.md
    # Part

Fine:

    # Fraud watch: design
"""

from collections.abc import Iterator

from mlcharter.charter import Charter
from mlcharter.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for unreadable in charter.unreadable:
        yield Finding(unreadable.path, unreadable.line, 1, "", unreadable.message)
