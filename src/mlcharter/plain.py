"""Text from a repository, made safe to print."""

import os
import unicodedata

# How this program is started here, where it is not by its name: tools/charter.py sets it.
COMMAND = "MLCHARTER_COMMAND"

# Line and paragraph separators, and the marks that reorder what a reader sees.
_UNSEEN = frozenset(["Cc", "Cf", "Zl", "Zp", "Cs"])


def plain(text: str) -> str:
    """`text` on one line, its control and formatting characters written as escapes.

    Nothing in it can move the cursor, reorder the line or begin a line of a CI log.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in _UNSEEN else c for c in text)


def told(text: str) -> str:
    """`plain` text for a person, in which `mlcharter …` is the command that can be typed here."""
    command = os.environ.get(COMMAND)
    return plain(text.replace("`mlcharter ", f"`{command} ") if command else text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
