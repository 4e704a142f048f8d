"""One line a repository, for spreadsheets; no cell is a formula."""

import csv
import io

from mlcharter.fleet.reporting import Fleet
from mlcharter.support.plain import plain

_FIELDS = ("name", "state", "owner", "wave", "tier", "template", "level", "score")


def render(fleet: Fleet) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow((*_FIELDS, "tracks", "passes", "failing", "excuses", "error", "url"))
    for row in fleet.repositories:
        fields = [_cell(getattr(row, name)) for name in _FIELDS]
        counts = (len(row.failing), len(row.excuses))
        texts = (_cell(row.error), _cell(row.url))
        writer.writerow((*fields, _cell(" ".join(row.tracks)), row.passes, *counts, *texts))
    return written.getvalue()


def _cell(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    text = plain(value)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") else text
