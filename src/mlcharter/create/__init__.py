"""Create a repository, whole or not at all: `creating.new`."""

__all__ = [
    "creating",
]
