"""Formats of scores, one per file, each with `read(source) -> Table | None`.

A format is recognised by content; `read` returns None for a file of another one.
"""
