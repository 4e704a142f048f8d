"""Items whose box cannot be read: the line is there, but no tool sees an item in it."""

import re

from mlcharter.markdown.document import Document

_BEGINNING = 12  # characters between a bullet and an id: a box that went wrong, a quote


def broken(document: Document, id: str) -> int | None:
    """The line of a list that begins with an id and has no box, as `- [] ` or `- [y] ` has none."""
    begins = re.compile(rf"\s*(?:[-*+]|[0-9]+[.)])[^\w\n]{{0,{_BEGINNING}}}\w?[^\w\n]{{0,6}}{id}\b")
    for block in document.blocks:
        if block.kind == "list" and id in block.text:
            for entry in document.entries(block):
                if begins.match(entry.text):
                    return entry.line
    return None
