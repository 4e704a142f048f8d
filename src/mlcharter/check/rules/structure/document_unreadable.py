"""A document cannot be read, or contains hidden characters.

A document that is not a regular file, is outside the repository, is too large or is not text
cannot be checked. Control characters and bidirectional overrides make text look different from
what it contains.

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
        yield from _check_characters(document)
        line = document.structure.too_deep
        if line is not None:
            message = f"lists and quotes are nested deeper than {MAX_DEPTH} levels; flatten them"
            yield document.finding(line + 1, message)


def _check_characters(document: Document) -> Iterator[Finding]:
    """Yield a finding for the first hidden character only: the whole text needs a review then."""
    if document.text.replace("\n", "").isprintable():
        return  # true of most documents, and faster than the pattern
    for number, line in enumerate(document.lines, 1):
        if match := _hidden_pattern().search(line):
            message = f"hidden character U+{ord(match[0]):04X}; remove it"
            yield document.finding(number, message, match.start() + 1)
            return


@cache
def _hidden_pattern() -> re.Pattern[str]:
    """Match control characters except tabs and line ends, and bidirectional overrides."""
    return re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
