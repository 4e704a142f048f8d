"""Check many repositories by one standard, and report on them.

`members` finds the repositories, `checking` checks them and `updating` updates them, in several
processes. `rows` is what is recorded of each, `lines` renders one, `reporting` summarises rows,
`waves` divides a fleet, and `outputs` are the formats of a report.
"""

__all__ = [
    "checking",
    "lines",
    "members",
    "reporting",
    "updating",
    "waves",
]
