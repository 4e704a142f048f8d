"""Pages about terms, rules, items, sections and config blocks: `pages.explained`."""

__all__ = [
    "pages",
]
