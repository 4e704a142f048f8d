"""Bring a charter to another version, or to a repository that has none.

`updating` merges a newer template or other answers, `adopting` adds a charter to existing code.
Both make a plan, merge by structure, and write through a journal that survives a kill.
"""

__all__ = [
    "adopting",
    "updating",
]
