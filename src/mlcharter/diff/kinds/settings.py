"""The settings, and the standard in the repository that they extend."""

from collections.abc import Iterator

from msgspec.structs import replace

from mlcharter.charter.settings import (
    REVIEW_DAYS,
    WAIVER_DAYS,
    WEAKER,
    Allow,
    SettingsFile,
    Sourced,
)
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions


def compare(pair: Pair) -> Iterator[Difference]:
    old = {sourced.path: sourced for sourced in (pair.old.settings.own, *pair.old.settings.above)}
    new = {sourced.path: sourced for sourced in (pair.new.settings.own, *pair.new.settings.above)}
    for path in old.keys() | new.keys():
        before = old.get(path) or Sourced(SettingsFile(), path)
        after = new.get(path) or Sourced(SettingsFile(), path)
        changes = directions.compare(WEAKER, _effective(before), _effective(after))
        for change in changes:
            at = after.finding("", *change.place) if after.tree else None
            value = change.after
            note = _covers(value) if isinstance(value, Allow) else ""
            subject = f"setting `{change.field}`"
            line = at.line if at else 1
            yield difference(change.kind, subject, (change.before, value), path, line, note=note)
    for problem in pair.new.settings.broken:
        if problem not in pair.old.settings.broken:
            yield difference(
                "weakens", "settings", ("valid", problem.message), problem.path, problem.line
            )


def _effective(sourced: Sourced) -> SettingsFile:
    """Return settings with defaults in place of missing values; the tier is an answer."""
    settings = sourced.settings
    return replace(
        settings,
        tier=None,
        level=settings.level or "draft",
        review_days=settings.review_days or REVIEW_DAYS,
        waiver_days=settings.waiver_days or WAIVER_DAYS,
    )


def _covers(allow: Allow) -> str:
    return f"accepts `{allow.rule}` in `{allow.path}` until {allow.until}"
