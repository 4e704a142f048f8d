"""One of the parts in which `mlcharter status` scores how ready a repository is.

Every section belongs to one, and its items with it. An area weighs some points; the score is what
is proven of the points that apply to the tracks, out of 100. It speaks of the repository and of no
person.
"""

ALSO = ("readiness", "score")
