"""Measure how much of a charter is done, and how it answers the clauses of frameworks."""

__all__ = [
    "crosswalk_outputs",
    "crosswalks",
    "progress",
]
