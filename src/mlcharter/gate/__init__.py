"""Compare eval reports with the gates of the eval pack.

`engine` decides, `loading` reads what it needs from a repository, `measurements` holds a report's
numbers, and `verdict` and `reasons` say what was decided and why.
"""

__all__ = [
    "engine",
    "loading",
    "measurements",
    "reasons",
    "verdict",
]
