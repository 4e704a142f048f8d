"""Escape text from a repository for a terminal, a CI log, Markdown, SARIF or JSON.

All escaping is here. Every output passes text that it did not write itself through one of:

- `plain`: one line for a terminal or a log;
- `plain_message`: such a line that may name a command to run; `plain_page`: several of them;
- `markdown_text`, `markdown_code`: text and a code span in what GitHub or GitLab renders;
- `workflow_data`, `workflow_property`: the parts of a command of GitHub Actions;
- `sarif_message`: a message in a SARIF log;
- `as_json`: a document that parses to the same content.
"""

import os
import re
import string
import sys
import unicodedata
from typing import Any

# How this program is started here, if not by its name or by a path; tools/charter.py sets it.
COMMAND = "MLCHARTER_COMMAND"

# Line and paragraph separators, and the marks that reorder what a reader sees.
_HIDDEN = frozenset(["Cc", "Cf", "Zl", "Zp", "Cs"])


# Terminals and logs

# `::error::` and `::stop-commands::` at the beginning of a line, which the runner of GitHub
# Actions trims first. A lone colon may be followed by one of ours.
_COMMAND = re.compile(r"\A(\s*):(?=:|\Z)")
# `##[command]` anywhere in a line, which that runner still accepts, `##vso[…]` of Azure Pipelines
# and `##teamcity[…]`. At the end of a text, a bracket may follow.
_LEGACY = re.compile(r"##(?=[A-Za-z]*(?:\[|\Z))")


def plain(text: str) -> str:
    """Return `text` on one line, without hidden characters or commands to a terminal or log.

    Control and formatting characters, and the markers of CI commands, become escapes. GitLab's
    section markers need no escape: they have no effect without the control characters at their end.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(_escape(c) if unicodedata.category(c) in _HIDDEN else c for c in text)
    if "##" in text:
        text = _LEGACY.sub(r"#\\x23", text)
    return _COMMAND.sub(r"\1\\x3a", text) if ":" in text else text


def plain_message(text: str) -> str:
    """Return `plain` text for a person, with `mlcharter …` replaced by the command to run here."""
    command = os.environ.get(COMMAND) or _typed_path()
    return plain(text.replace("`mlcharter ", f"`{command} ") if command else text)


def _typed_path() -> str | None:
    """Return the path by which this program was started, such as `.venv/bin/mlcharter`.

    None if it was found by its name, since the shell then gives its absolute path.
    """
    started = sys.argv[0] if sys.argv else ""
    return started if started.endswith("/mlcharter") and not started.startswith("/") else None


def plain_page(text: str) -> str:
    """Return a text of several lines, each passed through `plain_message`."""
    return "\n".join(map(plain_message, text.split("\n")))


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


# Our own commands to GitHub Actions


def workflow_data(text: str) -> str:
    """Return `text` as the message of a workflow command."""
    return plain_message(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """Return `text` as the value of a property of a workflow command."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


# Markdown

# A zero-width space.
_ZERO_WIDTH = "&#8203;"
# Backslash escapes keep text from becoming a cell, a link, an image, code, emphasis or HTML.
_HARMLESS = " ,;()'\"%+-=/.:?"
_ESCAPES = str.maketrans(
    {c: f"\\{c}" for c in string.punctuation if c not in _HARMLESS} | {"\0": _ZERO_WIDTH}
)
# Text that hosts link in spite of escapes in the source, so that a zero-width space is put into it:
# addresses, mentions, references of GitHub and GitLab, emoji, and GitLab's `[issue:1]`,
# `[[page]]`, `[TOC]`; a dollar before code, which would make it a formula.
_AUTOLINKED = re.compile(
    r"""
      (?<=:)(?=//)
    | (?<=www)(?=\.)
    | (?<=[@#!~%$&^])(?=[\w"'{.-])
    | (?<=\bG[HL]-)(?=\d)
    | (?<=:)(?=[\w+-]+:)
    | (?<=\[)(?=\[|_|TOC|[a-z_]+:)
    | (?<=\$)(?=\Z)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Code in single backticks, as messages have it, that is allowed in a table's cell too.
_CODE = re.compile(r"(?<!`)(`[^`|]+`)(?!`)")
# Text that starts a list, underlines a heading, or is a quick action of GitLab.
_BLOCK = re.compile(r"\A(\d{1,9}(?=[.)](?:\s|\Z))|(?=[-+](?:[\s-]|\Z)|=|/\w))")


def markdown_text(text: str) -> str:
    """Return `plain_message` text that GitHub and GitLab show as it is, also in a table's cell.

    It makes no HTML, link, image, mention, reference, emphasis or block; only code in single
    backticks is shown as code, in which hosts make no links.
    """
    parts = _CODE.split(plain_message(text).strip())
    parts[::2] = (_AUTOLINKED.sub("\0", part).translate(_ESCAPES) for part in parts[::2])
    return _BLOCK.sub(r"\1\\", "".join(parts)) or _ZERO_WIDTH


def markdown_code(text: str) -> str:
    """Return a Markdown code span with `plain` text, which may have backticks; not for a table."""
    text = plain(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if text[:1] in ("`", " ", "") or text[-1:] in ("`", " ") else ""
    return f"{fence}{space}{text}{space}{fence}"


# Documents for programs


def sarif_message(text: str) -> str:
    """Return `plain` text as a message of SARIF 2.1.0, where `[text](1)` is a link (§3.11.6)."""
    return re.sub(r"([\\\[\]])", r"\\\1", plain(text))


def as_json(content: Any, indent: int | None = 1) -> str:
    """Return `content` as JSON without CI commands, so that it can be printed into a log.

    Without `indent`, it is one line.
    """
    import json

    return _LEGACY.sub(r"#\\u0023", json.dumps(content, indent=indent, allow_nan=False)) + "\n"
