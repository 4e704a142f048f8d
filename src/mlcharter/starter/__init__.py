"""List, remove and replace the starter: the system that ships, so that a new repository runs.

The answer `starter` says whether a repository has one. `removing` lists what is left of it, and
takes it out by an update to the answer `false`, so that no later update brings it back.
`replacing` also puts a team's own data in; `tracks` has what each track needs for that.
"""

__all__ = ["removing", "replacing", "tracks"]
