"""What is derived, one kind per module.

`PATH` is the derived file, `SOURCES` names the config blocks that it is derived from, and
`render(charter)` returns its text, or None if those blocks are not filled in.
"""
