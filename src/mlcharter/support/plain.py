"""Text from a repository, made safe for whoever shows it: a terminal, a CI log, Markdown, JSON.

The only module that escapes. Every output passes what it did not write itself through one of:

- `plain`: one line for a terminal or a log;
- `plain_message`: such a line that may name a command to type; `plain_page`: several of them;
- `markdown_text`, `markdown_code`: text and a code span in what GitHub or GitLab renders;
- `workflow_data`, `workflow_property`: the parts of a command of GitHub Actions;
- `sarif_message`: a message in a SARIF log;
- `as_json`: a document that parses to the same content.
"""

import os
import re
import string
import unicodedata
from typing import Any

# How this program is started here, where it is not by its name: tools/charter.py sets it.
COMMAND = "MLCHARTER_COMMAND"

# Line and paragraph separators, and the marks that reorder what a reader sees.
_UNSEEN = frozenset(["Cc", "Cf", "Zl", "Zp", "Cs"])


# Terminals and logs

# `::error::` and `::stop-commands::` at the beginning of a line, which the runner of GitHub
# Actions trims first. A lone colon may be followed by one of ours.
_COMMAND = re.compile(r"\A(\s*):(?=:|\Z)")
# `##[command]` anywhere in a line, which that runner still takes, `##vso[…]` of Azure Pipelines and
# `##teamcity[…]`. At the end of a text, a bracket may follow.
_LEGACY = re.compile(r"##(?=[A-Za-z]*(?:\[|\Z))")


def plain(text: str) -> str:
    """`text` on one line, in which nothing is hidden and nothing is a command to a terminal or log.

    Control and formatting characters, and the marks of commands to CI hosts, become escapes. The
    section markers of GitLab are none without the control characters at their end.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(_escaped(c) if unicodedata.category(c) in _UNSEEN else c for c in text)
    if "##" in text:
        text = _LEGACY.sub(r"#\\x23", text)
    return _COMMAND.sub(r"\1\\x3a", text) if ":" in text else text


def plain_message(text: str) -> str:
    """`plain` text for a person, in which `mlcharter …` is the command that can be typed here."""
    command = os.environ.get(COMMAND)
    return plain(text.replace("`mlcharter ", f"`{command} ") if command else text)


def plain_page(text: str) -> str:
    """A text of several lines, of which each is `plain_message`."""
    return "\n".join(map(plain_message, text.split("\n")))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


# Commands of GitHub Actions that are ours


def workflow_data(text: str) -> str:
    """`text` as the message of a workflow command."""
    return plain_message(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """`text` as the value of a property of a workflow command."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


# Markdown

# A space of no width.
_NOTHING = "&#8203;"
# Backslash escapes keep text from becoming a cell, a link, an image, code, emphasis or HTML.
_HARMLESS = " ,;()'\"%+-=/.:?"
_ESCAPES = str.maketrans(
    {c: f"\\{c}" for c in string.punctuation if c not in _HARMLESS} | {"\0": _NOTHING}
)
# What hosts link in the text that a reader sees, whatever escapes stood in the source; a space of
# no width keeps it apart. Addresses, mentions, references of GitHub and GitLab, emoji, and
# GitLab's `[issue:1]`, `[[page]]`, `[TOC]`; a dollar before code, which makes it mathematics.
_LINKED = re.compile(
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
# Code between single backticks, as messages write it, that a table's cell can hold too.
_CODE = re.compile(r"(?<!`)(`[^`|]+`)(?!`)")
# What begins a list, underlines a heading, or is a quick action of GitLab.
_BLOCK = re.compile(r"\A(\d{1,9}(?=[.)](?:\s|\Z))|(?=[-+](?:[\s-]|\Z)|=|/\w))")


def markdown_text(text: str) -> str:
    """Return `plain_message` text that GitHub and GitLab show as it is, also in a table's cell.

    It brings no HTML, link, image, mention, reference, emphasis or block of its own; only code in
    single backticks is shown as code, in which hosts link nothing.
    """
    parts = _CODE.split(plain_message(text).strip())
    parts[::2] = (_LINKED.sub("\0", part).translate(_ESCAPES) for part in parts[::2])
    return _BLOCK.sub(r"\1\\", "".join(parts)) or _NOTHING


def markdown_code(text: str) -> str:
    """A code span of Markdown with `plain` text, whatever backticks are in it; not for a table."""
    text = plain(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if text[:1] in ("`", " ", "") or text[-1:] in ("`", " ") else ""
    return f"{fence}{space}{text}{space}{fence}"


# Documents for programs


def sarif_message(text: str) -> str:
    """`plain` text as a message of SARIF 2.1.0, in which `[text](1)` would be a link (§3.11.6)."""
    return re.sub(r"([\\\[\]])", r"\\\1", plain(text))


def as_json(content: Any) -> str:
    """`content` in JSON; no command to a CI host is in it, should it be printed into a log."""
    import json

    return _LEGACY.sub(r"#\\u0023", json.dumps(content, indent=1, allow_nan=False)) + "\n"
