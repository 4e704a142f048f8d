"""Pages about terms, rules, items, sections and config blocks: `pages.explain`."""

__all__ = [
    "pages",
]
