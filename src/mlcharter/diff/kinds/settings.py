"""The settings, and the standard in the repository that they extend."""

import re
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from mlcharter.charter.settings import (
    LEVELS,
    REVIEW_DAYS,
    SETTINGS,
    WAIVER_DAYS,
    WEAKER,
    Allow,
    LevelAt,
    Settings,
    SettingsFile,
    Sourced,
)
from mlcharter.diff import deciding_files
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions

_MOST = 2_000_000  # files times branches times entries that are compared


def compare(pair: Pair) -> Iterator[Difference]:
    yield from _compare_levels(pair)
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
    """Return settings with defaults in place of missing values.

    The tier is an answer, and levels are compared for each file and branch.
    """
    settings = sourced.settings
    return replace(
        settings,
        tier=None,
        levels=[],
        level=settings.level or "draft",
        review_days=settings.review_days or REVIEW_DAYS,
        waiver_days=settings.waiver_days or WAIVER_DAYS,
    )


def _covers(allow: Allow) -> str:
    return f"accepts `{allow.rule}` in `{allow.path}` until {allow.until}"


# Levels


def _compare_levels(pair: Pair) -> Iterator[Difference]:
    """Yield where files have another level, each pair of levels once.

    The first entry that matches counts, so that a strict entry above a stricter one weakens.
    """
    old, new = _entries(pair.old.settings), _entries(pair.new.settings)
    if old == new:
        return
    names = {entry.path for entry in (*old, *new) if entry.path}
    paths = sorted(deciding_files.list_files(pair.old) | set(map(_witness, names)))
    names = {entry.branch for entry in (*old, *new) if entry.branch}
    branches = ["", *sorted({"main", "master", *map(_witness, names)})]
    if len(paths) * len(branches) * (len(old) + len(new)) > _MOST:
        values = ("compared", "more entries than are compared")
        yield difference("weakens", "setting `levels`", values, SETTINGS)
        return
    by_levels: dict[tuple[str, str], dict[tuple[str, ...], list[str]]] = {}
    for branch in branches:
        found: dict[tuple[str, str], list[str]] = {}
        for path in paths:
            before, after = (c.settings.level(path, branch) for c in (pair.old, pair.new))
            found.setdefault((before, after), []).append(path)
        for levels, concerned in found.items():
            by_levels.setdefault(levels, {}).setdefault(tuple(concerned), []).append(branch)
    where = _place(pair.new.settings)
    changed = {levels: scopes for levels, scopes in by_levels.items() if levels[0] != levels[1]}
    for levels, scopes in changed.items():
        effect = directions.judge(LEVELS[::-1], *levels)
        for concerned, on in scopes.items():
            subject = "setting `levels`"
            if len(concerned) < len(paths):
                subject += f" of {deciding_files.shorten(pair.old, list(concerned))}"
            if len(on) < len(branches):
                subject += f" on {', '.join(filter(None, on))}"
            yield difference(effect, subject, levels, *where)
    if not changed:
        shown = [[msgspec.to_builtins(entry) for entry in entries] for entries in (old, new)]
        yield difference("neutral", "setting `levels`", (shown[0], shown[1]), *where)


def _place(settings: Settings) -> tuple[str, int]:
    """Return where the levels are."""
    every = (settings.own, *settings.above)
    sourced = next((sourced for sourced in every if sourced.settings.levels), settings.own)
    return sourced.path, sourced.finding("", "levels").line


def _entries(settings: Settings) -> list[LevelAt]:
    return [
        entry for sourced in (settings.own, *settings.above) for entry in sourced.settings.levels
    ]


def _witness(pattern: str) -> str:
    """Return a name that a pattern of `fnmatch` matches."""
    return re.sub(r"\[!?([^\]])[^\]]*\]|[*?]", lambda found: found[1] or "x", pattern)
