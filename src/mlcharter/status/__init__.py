"""Measure how much of a charter is done, and choose the next steps: `progress.measure`."""

__all__ = [
    "crosswalks",
    "progress",
]
