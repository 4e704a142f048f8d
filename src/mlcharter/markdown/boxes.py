"""Find items whose checkbox is malformed, so that they are not parsed as items."""

import re

from mlcharter.markdown.document import Document

_MOST_BEFORE_ID = 12  # characters between a bullet and an id: a malformed box, a quote


def find_malformed(document: Document, id: str) -> int | None:
    """Return the line of a list entry with an id and no valid box, such as `- [] ` or `- [y] `."""
    pattern = re.compile(
        rf"\s*(?:[-*+]|[0-9]+[.)])[^\w\n]{{0,{_MOST_BEFORE_ID}}}\w?[^\w\n]{{0,6}}{id}\b"
    )
    for block in document.blocks:
        if block.kind == "list" and id in block.text:
            for entry in document.entries(block):
                if pattern.match(entry.text):
                    return entry.line
    return None
