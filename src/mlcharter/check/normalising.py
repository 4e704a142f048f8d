"""Normalise fields and waivers: the spelling of their names, and ISO dates.

Only unambiguous text is rewritten, within its line; all other text stays.
"""

import datetime
import re
from collections.abc import Iterator

from mlcharter.markdown import document
from mlcharter.markdown.document import Document
from mlcharter.template.specification import FIELDS

_DATE = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![-/.0-9])")


def normalise(read: Document) -> tuple[Document, list[str]]:
    """Return the document with normalised fields and waivers, and the names of the changes."""
    lines = list(read.lines)
    done = []
    for number in _under_title(read):
        line = _normalise_field(lines[number - 1], read)
        if line != lines[number - 1]:
            lines[number - 1] = line
            done.append(f"the line `{line.partition(':')[0].strip()}:`")
    for item in read.items:
        if item.waiver is not None and item.waiver.until is None:
            at = item.waiver.line - 1
            line = _normalise_waiver(lines[at], item.waiver.column - 1)
            if line != lines[at]:
                lines[at] = line
                done.append(f"the waiver of `{item.id}`" if item.id else "a waiver")
    return (document.parse("".join(lines), read.path) if done else read), done


def _under_title(read: Document) -> Iterator[int]:
    """Yield the lines of the paragraphs between the title and the next heading."""
    if not read.headings:
        return
    start = read.headings[0].end + 1
    end = read.headings[1].line if len(read.headings) > 1 else len(read.lines) + 1
    for block in read.blocks:
        if block.kind == "paragraph" and start <= block.line < end:
            yield from range(block.line, block.end + 1)


def _normalise_field(line: str, read: Document) -> str:
    """Return the line of a field normalised: `owner:@x` as `Owner: @x`, dates as ISO dates."""
    name, colon, rest = line.partition(":")
    field_name = next((field for field in FIELDS if field.lower() == name.strip().lower()), None)
    if not colon or field_name is None or name != name.lstrip():
        return line
    existing = read.field(field_name)
    if existing is not None and name.strip() != field_name:
        return line  # the field is there twice; the team must remove one
    if rest.strip() and rest[:1] not in " \t":
        rest = f" {rest}"
    value = rest.lstrip()
    if field_name == "Reviewed" and (match := _DATE.match(value)):
        rest = rest[: len(rest) - len(value)] + _iso_date(match) + value[match.end() :]
    return f"{field_name}:{rest}"


def _normalise_waiver(line: str, column: int) -> str:
    """Return the line of a waiver with its date as an ISO date."""
    head, until, rest = line[column:].partition("until ")
    if not until or not (match := _DATE.match(rest)):
        return line
    return f"{line[:column]}{head}{until}{_iso_date(match)}{rest[match.end() :]}"


def _iso_date(match: re.Match[str]) -> str:
    try:
        return datetime.date(int(match[1]), int(match[3]), int(match[4])).isoformat()
    except ValueError:
        return match[0]
