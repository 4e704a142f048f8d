"""A finding of a rule: its place and its message."""

from msgspec import Struct


class Finding(Struct, frozen=True, order=True, gc=False):
    """One finding. Findings sort by path, then place; `line` and `column` count from 1.

    A rule leaves `rule` empty; the engine fills in its name.
    """

    path: str
    line: int
    column: int
    rule: str
    message: str
