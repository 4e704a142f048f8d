"""Check many repositories by one standard, and report on them.

`members` finds the repositories, `running` checks them in several processes with the `Options` of
`checking`, and `rows` is what is recorded of each. `reporting` summarises rows; `outputs` are the
formats of a report.
"""

__all__ = [
    "checking",
    "members",
    "reporting",
    "rows",
    "running",
]
