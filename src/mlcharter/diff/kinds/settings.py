"""The settings, and the standard in the repository that they extend."""

import re
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from mlcharter.charter.settings import (
    LEVELS,
    LOCKABLE,
    SETTINGS,
    WAIVER_DAYS,
    WEAKER,
    Allow,
    LevelAt,
    Settings,
    SettingsFile,
)
from mlcharter.diff import deciding_files
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions

_MOST = 2_000_000  # files times branches times entries that are compared


def compare(pair: Pair) -> Iterator[Difference]:
    yield from _compare_levels(pair)
    old, new = _by_path(pair.old.settings), _by_path(pair.new.settings)
    for path in old.keys() | new.keys():
        before, after = old.get(path, SettingsFile()), new.get(path, SettingsFile())
        for change in directions.compare(WEAKER, before, after):
            value = change.after
            note = _covers(value) if isinstance(value, Allow) else ""
            subject = f"setting `{change.field}`"
            at = _find(pair.new.settings, path, change.place)
            yield difference(change.kind, subject, (change.before, value), *at, note=note)
    for problem in pair.new.settings.broken:
        if problem not in pair.old.settings.broken:
            yield difference(
                "weakens", "settings", ("valid", problem.message), problem.path, problem.line
            )


def _by_path(settings: Settings) -> dict[str, SettingsFile]:
    """Return each file of the settings; that of the repository with the values that apply.

    The tier is an answer, and levels are compared for each file and branch.
    """
    values = replace(
        settings.values,
        tier=None,
        levels=[],
        level=settings.values.level or "draft",
        review_days=settings.review_days,
        waiver_days=settings.values.waiver_days or WAIVER_DAYS,
    )
    nothing = dict.fromkeys(LOCKABLE)
    above = {s.path: replace(s.settings, levels=[], **nothing) for s in settings.above}
    return {settings.own.path: values, **above}


def _find(settings: Settings, path: str, place: Sequence[str | int]) -> tuple[str, int]:
    """Return the file and line of a setting: its own file, or that which has it now."""
    name = str(place[0])
    for sourced in (settings.own, *settings.above):
        concerned = sourced.path == path or name in (*LOCKABLE, "levels")
        if concerned and getattr(sourced.settings, name):
            return sourced.path, sourced.finding("", *place).line
    return path, 1


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
    where = _find(pair.new.settings, SETTINGS, ["levels"])
    changed = {levels: scopes for levels, scopes in by_levels.items() if levels[0] != levels[1]}
    for levels, scopes in changed.items():
        effect = directions.judge(LEVELS[::-1], *levels)
        for files, on in scopes.items():
            subject = "setting `levels`"
            if len(files) < len(paths):
                subject += f" of {deciding_files.shorten(pair.old, files)}"
            if len(on) < len(branches):
                subject += f" on {', '.join(filter(None, on))}"
            yield difference(effect, subject, levels, *where)
    if not changed:
        shown = [[msgspec.to_builtins(entry) for entry in entries] for entries in (old, new)]
        yield difference("neutral", "setting `levels`", (shown[0], shown[1]), *where)


def _entries(settings: Settings) -> list[LevelAt]:
    return [
        entry for sourced in (settings.own, *settings.above) for entry in sourced.settings.levels
    ]


def _witness(pattern: str) -> str:
    """Return a name that a pattern of `fnmatch` matches."""
    return re.sub(r"\[!?([^\]])[^\]]*\]|[*?]", lambda found: found[1] or "x", pattern)
