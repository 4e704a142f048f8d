"""What a text says apart from its layout, which formatters change and nobody reads.

Layout is how a text is wrapped, indented and escaped, which mark opens a list or emphasis, how an
ordered list is numbered, how wide the columns of a table are, and which quotes and brackets YAML
is written with.
"""

import re
import unicodedata

# A mark that opens an item of a list, with the blanks round it.
_BULLET = re.compile(r"(?m)^[ \t]*(?:[-*+]|(\d{1,9}[.)]))[ \t]+")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])|\\$", re.MULTILINE)
_YAML = re.compile(r"[{}\[\],\"'\s]+")
_EMPHASIS = str.maketrans("*", "_")


def said(text: str) -> str:
    """Return Markdown without its layout: two texts that differ in layout alone are equal then.

    The result is for comparing, never for writing.
    """
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    text = _BULLET.sub(lambda found: "1. " if found[1] else "- ", text)
    return " ".join(text.translate(_EMPHASIS).split())


def said_in_yaml(text: str) -> str:
    """Return YAML without quotes, brackets, commas and blanks, for comparing."""
    return _YAML.sub(" ", text).strip()


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
