"""A document cannot be read: it is no file, lies outside, is too large, no text, or hides some.

What cannot be read cannot be held to anything, and a person could not read it either. Control
characters and marks that turn the direction of text show a reader something else than stands there.

Template:

    # Fraud watch: design

Flagged:

    --- docs/design_doc.md/part.md
    # Part

Fine:

    # Fraud watch: design
"""

import re
from collections.abc import Iterator
from functools import cache

from mlcharter.charter.charter import Charter
from mlcharter.markdown.document import Document
from mlcharter.markdown.scanner import MAX_DEPTH
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for unreadable in charter.unreadable:
        yield Finding(unreadable.path, unreadable.line, 1, "", unreadable.message)
    for document in charter.documents:
        yield from _unseen(document)
        deep = document.structure.too_deep
        if deep is not None:
            message = f"lists and quotes are nested deeper than {MAX_DEPTH} levels; flatten them"
            yield document.finding(deep + 1, message)


def _unseen(document: Document) -> Iterator[Finding]:
    """The first character that nobody sees; one is enough to distrust the rest."""
    if document.text.replace("\n", "").isprintable():
        return  # most are, and this is the quickest way to know
    for number, line in enumerate(document.lines, 1):
        if found := _hidden().search(line):
            message = f"there is a character U+{ord(found[0]):04X} that nobody sees; remove it"
            yield document.finding(number, message, found.start() + 1)
            return


@cache
def _hidden() -> re.Pattern[str]:
    """Control characters but tabs and line ends, and what overrides the direction of text."""
    return re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
