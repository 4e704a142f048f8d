"""Reading Markdown: blocks, sections, items, links and config blocks, each with its line."""
