"""What a rule found, and where."""

from msgspec import Struct


class Finding(Struct, frozen=True, order=True, gc=False):
    """One line of a report. Sorts by path, then place; `line` and `column` count from 1.

    A rule leaves `rule` empty: whoever runs the rule knows its name and fills it in.
    """

    path: str
    line: int
    column: int
    rule: str
    message: str
