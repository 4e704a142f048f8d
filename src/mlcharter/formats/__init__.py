"""Read text that is not Markdown: YAML with positions, PromQL, JUnit, eval reports."""
