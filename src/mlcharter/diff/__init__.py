"""Judge a change of a charter: what weakens it, what tightens it, and who must approve.

`judging` leads through it: `bases` finds the commit to compare with, `moving` the charter in it,
`comparing` compares two charters by each of `kinds`, `excuses` adds what a waiver hides, and
`approvals` and `signing` say who approved.
"""

__all__ = ["judging"]
