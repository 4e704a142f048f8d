"""Judge a change of a charter: what weakens it, what tightens it, and who must approve.

`bases` finds the commit to compare with, and `comparing` compares two charters.
"""

__all__ = [
    "bases",
    "comparing",
]
