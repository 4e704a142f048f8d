"""Writing fields and waivers as they are read: their names in one spelling, their days as ISO days.

Only what can mean one thing is rewritten, within its line; every other word stays.
"""

import datetime
import re
from collections.abc import Iterator

from mlcharter.markdown import document
from mlcharter.markdown.document import Document
from mlcharter.template.specification import FIELDS

_DAY = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![-/.0-9])")


def normalised(read: Document) -> tuple[Document, list[str]]:
    """The document with its fields and waivers in their usual form, and what was rewritten."""
    lines = list(read.lines)
    done = []
    for number in _under_title(read):
        line = _field(lines[number - 1], read)
        if line != lines[number - 1]:
            lines[number - 1] = line
            done.append(f"the line `{line.partition(':')[0].strip()}:`")
    for item in read.items:
        if item.waiver is not None and item.waiver.until is None:
            at = item.waiver.line - 1
            line = _waiver(lines[at], item.waiver.column - 1)
            if line != lines[at]:
                lines[at] = line
                done.append(f"the waiver of `{item.id}`" if item.id else "a waiver")
    return (document.parse("".join(lines), read.path) if done else read), done


def _under_title(read: Document) -> Iterator[int]:
    """The lines of the paragraphs between the title and the next heading."""
    if not read.headings:
        return
    start = read.headings[0].end + 1
    end = read.headings[1].line if len(read.headings) > 1 else len(read.lines) + 1
    for block in read.blocks:
        if block.kind == "paragraph" and start <= block.line < end:
            yield from range(block.line, block.end + 1)


def _field(line: str, read: Document) -> str:
    """`owner:@x` as `Owner: @x`, and the day of `Reviewed:` as an ISO day."""
    name, colon, rest = line.partition(":")
    usual = next((field for field in FIELDS if field.lower() == name.strip().lower()), None)
    if not colon or usual is None or name != name.lstrip():
        return line
    taken = read.field(usual)
    if taken is not None and name.strip() != usual:
        return line  # there is one already, and the other is the team's to remove
    if rest.strip() and rest[:1] not in " \t":
        rest = f" {rest}"
    value = rest.lstrip()
    if usual == "Reviewed" and (day := _DAY.match(value)):
        rest = rest[: len(rest) - len(value)] + _iso(day) + value[day.end() :]
    return f"{usual}:{rest}"


def _waiver(line: str, column: int) -> str:
    """The day behind `waived until`, as an ISO day."""
    head, until, rest = line[column:].partition("until ")
    if not until or not (day := _DAY.match(rest)):
        return line
    return f"{line[:column]}{head}{until}{_iso(day)}{rest[day.end() :]}"


def _iso(day: re.Match[str]) -> str:
    try:
        return datetime.date(int(day[1]), int(day[3]), int(day[4])).isoformat()
    except ValueError:
        return day[0]
