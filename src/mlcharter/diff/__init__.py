"""Judge a change of a charter: what weakens it, what tightens it, and who must approve.

`bases` finds the commit to compare with, `comparing` compares two charters, and `approvals` reads
who approved.
"""

__all__ = [
    "approvals",
    "bases",
    "comparing",
]
