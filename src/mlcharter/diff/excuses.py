"""Show with a waiver, an exception of the settings or a baseline entry all that it excuses.

What that is, one check without all of them says: the findings that fail then, and the items that
are required. A finding belongs to the waiver that covers, contains or is named in it; else it is
shown with each of those that may excuse it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from msgspec.structs import replace

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.charter.settings import Settings, SettingsFile, Sourced
from mlcharter.check import engine
from mlcharter.check.result import Result, fingerprints
from mlcharter.diff.difference import Difference, show
from mlcharter.diff.pair import Pair
from mlcharter.formats import directions
from mlcharter.markdown.checklist import Item
from mlcharter.support.finding import Finding

_MOST_EXCUSED = 20  # that are listed for one difference
_MOST_SHOWN = 200  # waivers and exceptions that are listed with what they excuse
_SETTING = re.compile(
    r'setting `(allow|exclude|ignore|select|not_applicable|provided_elsewhere)\b(?: "([^"`]*)")?'
)
_QUOTED = re.compile(r"""[`"]([^`"\n]{1,200})[`"]""")


def add(pair: Pair, found: Sequence[Difference]) -> list[Difference]:
    """Return the differences; those that excuse something list what."""
    places = [n for n, each in enumerate(found) if each.effect == "weakens" and _excuses(each)]
    if not places:
        return list(found)
    shown = list(found)
    result = engine.check(pair.new, level="release")
    named = {name: f for f, name in fingerprints([j.finding for j in result.judged]).items()}
    excusing = []
    for n in places:
        if isinstance(found[n].waives, str):
            finding = named.get(found[n].waives)
            shown[n] = _with(found[n], [], [_text(finding)] if finding else [])
        else:
            excusing.append(n)
    for n in excusing[_MOST_SHOWN:]:
        note = f"what it excuses is not listed, since {_MOST_SHOWN} others are"
        shown[n] = replace(found[n], note=_join(found[n].note, note))
    differences = [found[n] for n in excusing]
    for n, texts in zip(excusing, _list_excused(pair, differences, result), strict=False):
        shown[n] = _with(found[n], list(_list_required(pair, found[n])), texts)
    return shown


def _excuses(difference: Difference) -> bool:
    return difference.waives is not None or bool(_SETTING.match(difference.subject))


# What fails without all of them


def _list_excused(
    pair: Pair, differences: Sequence[Difference], result: Result
) -> Iterator[list[str]]:
    """Yield for each difference, up to _MOST_SHOWN, the findings that it excuses."""
    if not differences:
        return
    fails = {_key(finding) for finding in _failing(result)}
    without = _failing(engine.check(_without(pair, differences), level="release"))
    more = [finding for finding in without if _key(finding) not in fails]
    names = {finding: set(_QUOTED.findall(finding.message)) for finding in more}
    shown = differences[:_MOST_SHOWN]
    tests = [_find_test(pair, difference, names) for difference in shown]
    excused = [[finding for finding in more if test(finding)] for test in tests]
    explained = {finding for findings in excused for finding in findings}
    left = [finding for finding in more if finding not in explained]
    unsure = [difference for difference in differences if not _selects_findings(difference)]
    others = "" if len(unsure) == 1 else " (this or another one)"
    for difference, findings in zip(shown, excused, strict=True):
        may = [] if _selects_findings(difference) else [f"{_text(f)}{others}" for f in left]
        yield [*map(_text, findings), *may]


def _key(finding: Finding) -> tuple[str, str, str]:
    """Return what a finding says, without its line, which depends on the entries before it."""
    return finding.rule, finding.path, finding.message


def _failing(result: Result) -> Iterator[Finding]:
    return (judged.finding for judged in result.with_outcome("fails"))


def _selects_findings(difference: Difference) -> bool:
    """Return whether it is a setting that says exactly which findings it accepts."""
    match = _SETTING.match(difference.subject)
    return match is not None and match[1] in ("allow", "ignore", "select")


def _find_test(
    pair: Pair, difference: Difference, names: dict[Finding, set[str]]
) -> Callable[[Finding], bool]:
    """Return a function that says whether a difference surely excuses a finding."""
    waived, path = difference.waives, difference.path
    if isinstance(waived, Item):
        own, lines = waived.id or "", range(waived.line, waived.end + 1)
        return lambda f: (f.path == path and f.line in lines) or own in names[f]
    if isinstance(waived, Entry):
        start, end = (mark[0] for mark in waived.config.span(*waived.path))
        own, lines = directions.name(waived.value), range(start, end + 1)
        return lambda f: (f.path == path and f.line in lines) or own in names[f]
    match = _SETTING.match(difference.subject)
    assert match is not None
    field, name = match.groups()
    if field in ("allow", "ignore", "select"):
        accepts = _find_acceptance(pair, difference, field)
        return lambda f: accepts(f.rule, f.path)
    return lambda f: bool(name) and (f.path == name or name in names[f])


def _find_acceptance(pair: Pair, difference: Difference, field: str) -> Callable[[str, str], bool]:
    """Return whether an entry or value of the settings accepts a rule's findings in a file."""
    settings = pair.new.settings
    sourced = next(s for s in (settings.own, *settings.above) if s.path == difference.path)
    value = getattr(sourced.settings, field)
    if field == "allow":
        place = _find_allow(difference, sourced)
        return value[place].covers if place >= 0 else lambda rule, path: False
    is_select = field == "select"
    return lambda rule, path: any(fnmatchcase(rule, pattern) for pattern in value) != is_select


def _find_allow(difference: Difference, sourced: Sourced) -> int:
    """Return the index of the `allow` entry that a difference shows; -1 if it is gone."""
    count = len(sourced.settings.allow)
    lines = [sourced.finding("", "allow", n).line for n in range(count)]
    return max((n for n, line in enumerate(lines) if line <= difference.line), default=-1)


def _without(pair: Pair, differences: Sequence[Difference]) -> Charter:
    """Return the charter after the change without all that excuses."""
    waived = [d for d in differences if d.waives is not None]
    items = {(d.path, d.waives) for d in waived if isinstance(d.waives, Item)}
    entries = [d.waives for d in waived if isinstance(d.waives, Entry)]
    charter = pair.new
    if len(waived) < len(differences):
        set_by = [d for d in differences if d.waives is None]
        charter = engine.with_settings(charter, _restore(pair, set_by))
    return charter.without_waivers(items, entries)


def _restore(pair: Pair, differences: Sequence[Difference]) -> Settings:
    """Return the settings without the entries that differences show, or as they were before."""
    old, new = pair.old.settings, pair.new.settings
    before = {each.path: each.settings for each in (old.own, *old.above)}

    def restore(sourced: Sourced) -> Sourced:
        concerned = [d for d in differences if d.path == sourced.path]
        base = before.get(sourced.path, SettingsFile())
        values = _restore_values(concerned, base, sourced)
        return replace(sourced, settings=replace(sourced.settings, **values))

    return Settings(restore(new.own), tuple(map(restore, new.above)), new.broken)


def _restore_values(
    differences: Sequence[Difference], before: SettingsFile, sourced: Sourced
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    allowed = set()
    for difference in differences:
        match = _SETTING.match(difference.subject)
        assert match is not None
        field, name = match.groups()
        value = values.get(field, getattr(sourced.settings, field))
        if field == "allow":
            allowed.add(_find_allow(difference, sourced))
        elif isinstance(value, dict):
            values[field] = {key: entry for key, entry in value.items() if key != name}
        else:
            values[field] = getattr(before, field)
    kept = [entry for n, entry in enumerate(sourced.settings.allow) if n not in allowed]
    return values | {"allow": kept}


# What is required without one


def _list_required(pair: Pair, difference: Difference) -> Iterator[str]:
    """Yield the waived part itself, or the parts that are required without an excuse only."""
    waived = difference.waives
    if isinstance(waived, Item):
        yield f"{difference.path}:{waived.line}: {waived.sentence}"
    elif isinstance(waived, Entry):
        value = show(replace(waived.value, waived=None))
        yield f"{difference.path}:{difference.line}: {waived.subject}: {value}"
    if waived is not None or _selects_findings(difference):
        return
    without = engine.with_settings(pair.new, _restore(pair, [difference]))
    required = [
        {
            **{f"document {read.path}": "" for read in charter.spec.documents},
            **{f"section `{section.id}`": "" for section in charter.spec.sections},
            **{f"item `{id}`": f": {item.sentence}" for id, item in charter.spec.items.items()},
        }
        for charter in (pair.new, without)
    ]
    yield from (f"{name}{text}" for name, text in required[1].items() if name not in required[0])


def _text(finding: Finding) -> str:
    return f"{finding.path}:{finding.line}: {finding.message} [{finding.rule}]"


def _with(difference: Difference, required: Sequence[str], findings: Sequence[str]) -> Difference:
    """Return a difference with what it excuses."""
    counts = [_count(required, "requirement"), _count(findings, "finding")]
    note = f"excuses {' and '.join(filter(None, counts)) or 'nothing now'}"
    texts = [*required, *findings]
    more = len(texts) - _MOST_EXCUSED
    listed = [*texts[:_MOST_EXCUSED], *([f"{more} more"] if more > 0 else [])]
    return replace(difference, note=_join(difference.note, note), excuses=tuple(listed))


def _count(listed: Sequence[object], name: str) -> str:
    return f"{len(listed)} {name}{'' if len(listed) == 1 else 's'}" if listed else ""


def _join(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
