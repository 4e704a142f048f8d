"""Create a repository, whole or not at all: `creating.new`; `tailoring` fits it to a standard."""

__all__ = [
    "creating",
    "tailoring",
]
