"""CSV with a header; separated by commas, semicolons or tabs."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from mlcharter.gate.tables import Source, Table, build
from mlcharter.support.errors import UserError

_ENDINGS = (".csv", ".tsv", ".txt")
_SEPARATORS = ",;\t"


def read(source: Source) -> Table | None:
    if source.ending not in _ENDINGS:
        return None
    first = source.text.lstrip("\r\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    # Without newline="" a line break in a quoted cell would change.
    lines = csv.reader(io.StringIO(source.text, newline=""), delimiter=separator, strict=True)
    try:
        header = next((row for row in lines if row), [])
        return build(source.name, header, _number(lines))
    except csv.Error as error:
        place = f"{source.name}:{lines.line_num}"
        raise UserError(f"{place} is not CSV: {error}", "let a CSV library write it") from error


def _number(lines: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield each row with the number of its last line; empty lines are no rows."""
    for row in lines:
        if row:
            yield f":{lines.line_num}", row
