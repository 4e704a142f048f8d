"""Read Markdown: blocks, sections, items, links and config blocks, each with its position.

`document` is what others use; `boxes` finds checkboxes in raw lines.
"""

__all__ = [
    "boxes",
    "checklist",
    "document",
    "scanner",
]
