"""Strip the layout of texts, so that a merge ignores what formatters change.

Layout is how a text is wrapped, indented and escaped, which character marks a list or emphasis,
how an ordered list is numbered, how wide the columns of a table are, and which quotes and brackets
YAML uses.
"""

import re
import unicodedata

# A list marker, with the blanks around it.
_BULLET = re.compile(r"(?m)^[ \t]*(?:[-*+]|(\d{1,9}[.)]))[ \t]+")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])|\\$", re.MULTILINE)
_YAML = re.compile(r"[{}\[\],\"'\s]+")
_EMPHASIS = str.maketrans("*", "_")


def strip_layout(text: str) -> str:
    """Return Markdown without its layout, for comparing only.

    Two texts that differ only in layout give the same result.
    """
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    text = _BULLET.sub(lambda match: "1. " if match[1] else "- ", text)
    return " ".join(text.translate(_EMPHASIS).split())


def strip_yaml_layout(text: str) -> str:
    """Return YAML without quotes, brackets, commas and blanks, for comparing."""
    return _YAML.sub(" ", text).strip()


def measure_width(text: str) -> int:
    """Return the number of terminal columns of a text."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
