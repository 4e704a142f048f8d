"""Compare eval reports with the gates of the eval pack.

`engine` decides, `loading` reads what it needs from a repository, `inputs` finds stale reports,
`measurements` compares the numbers of reports, `verdict` is the result, and `reasons` explains it.
"""

__all__ = [
    "engine",
    "loading",
    "measurements",
    "reasons",
    "verdict",
]
