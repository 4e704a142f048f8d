"""Count how much of a charter is done, and choose the next steps: `progress.standing`."""

__all__ = [
    "progress",
]
