"""Show with a waiver, an exception of the settings or a baseline entry all that it excuses.

What that is, a check without it says: the findings that fail then, and the items that are required.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.charter.settings import Settings, SettingsFile, Sourced
from mlcharter.check import engine
from mlcharter.check.result import Result, fingerprints
from mlcharter.diff.difference import Difference, show
from mlcharter.diff.pair import Pair
from mlcharter.markdown.checklist import Item
from mlcharter.support.finding import Finding

_MOST_EXCUSED = 20  # that are listed for one difference
_MOST_CHECKS = 10  # without a waiver or an exception, each
_SETTING = re.compile(
    r'setting `(allow|exclude|ignore|select|not_applicable|provided_elsewhere)\b(?: "([^"`]*)")?'
)


def add(pair: Pair, found: Sequence[Difference]) -> list[Difference]:
    """Return the differences; those that excuse something list what."""
    places = [n for n, each in enumerate(found) if each.effect == "weakens" and _excuses(each)]
    if not places:
        return list(found)
    result = engine.check(pair.new, level="release")
    every = fingerprints([judged.finding for judged in result.judged])
    named = {name: finding for finding, name in every.items()}
    fails = {_key(finding) for finding in _failing(result)}
    shown = list(found)
    checks = 0
    for n in places:
        difference = found[n]
        if isinstance(difference.waives, str):
            finding = named.get(difference.waives)
            shown[n] = _with(difference, [], [finding] if finding else [])
            continue
        checks += 1
        if checks > _MOST_CHECKS:
            note = f"what it excuses is not listed, since {_MOST_CHECKS} others are"
            shown[n] = replace(difference, note=_join(difference.note, note))
            continue
        without = _without(pair, difference)
        failing = _failing(engine.check(without, level="release"))
        more = [finding for finding in failing if _key(finding) not in fails]
        required = list(_list_required(difference, pair.new, without))
        shown[n] = _with(difference, required, more)
    return shown


def _excuses(difference: Difference) -> bool:
    return difference.waives is not None or bool(_SETTING.match(difference.subject))


def _key(finding: Finding) -> tuple[str, str, str]:
    """Return what a finding says, without its line, which depends on the entries before it."""
    return finding.rule, finding.path, finding.message


def _failing(result: Result) -> Iterator[Finding]:
    return (judged.finding for judged in result.with_outcome("fails"))


def _without(pair: Pair, difference: Difference) -> Charter:
    """Return the charter after the change without what excuses."""
    if difference.waives is not None:
        return pair.new.without_waiver(difference.waives)
    old, new = pair.old.settings, pair.new.settings
    before = {each.path: each.settings for each in (old.own, *old.above)}

    def restore(sourced: Sourced) -> Sourced:
        if sourced.path != difference.path:
            return sourced
        values = _restore(difference, before.get(sourced.path, SettingsFile()), sourced)
        return replace(sourced, settings=replace(sourced.settings, **values))

    restored = Settings(restore(new.own), tuple(map(restore, new.above)), new.broken)
    return engine.with_settings(pair.new, restored)


def _restore(difference: Difference, before: SettingsFile, sourced: Sourced) -> dict[str, Any]:
    """Return a setting without the entry that a difference shows, or as it was before."""
    match = _SETTING.match(difference.subject)
    assert match is not None
    field, name = match.groups()
    value = getattr(sourced.settings, field)
    if field == "allow":
        lines = [sourced.finding("", field, n).line for n in range(len(value))]
        place = max((n for n, line in enumerate(lines) if line <= difference.line), default=-1)
        return {field: [entry for n, entry in enumerate(value) if n != place]}
    if isinstance(value, dict):
        return {field: {key: entry for key, entry in value.items() if key != name}}
    return {field: getattr(before, field)}


def _list_required(difference: Difference, new: Charter, without: Charter) -> Iterator[str]:
    """Yield the waived part itself, or the parts that are required without an excuse only."""
    waived = difference.waives
    if isinstance(waived, Item):
        yield f"{difference.path}:{waived.line}: {waived.sentence}"
    elif isinstance(waived, Entry):
        value = show(replace(waived.value, waived=None))
        yield f"{difference.path}:{difference.line}: {waived.subject}: {value}"
    required = [
        {
            **{f"document {read.path}": "" for read in charter.spec.documents},
            **{f"section `{section.id}`": "" for section in charter.spec.sections},
            **{f"item `{id}`": f": {item.sentence}" for id, item in charter.spec.items.items()},
        }
        for charter in (new, without)
    ]
    yield from (f"{name}{text}" for name, text in required[1].items() if name not in required[0])


def _text(finding: Finding) -> str:
    return f"{finding.path}:{finding.line}: {finding.message} [{finding.rule}]"


def _with(
    difference: Difference, required: Sequence[str], findings: Sequence[Finding]
) -> Difference:
    """Return a difference with what it excuses."""
    counts = [_count(required, "requirement"), _count(findings, "finding")]
    note = f"excuses {' and '.join(filter(None, counts)) or 'nothing now'}"
    texts = [*required, *map(_text, findings)]
    more = len(texts) - _MOST_EXCUSED
    listed = [*texts[:_MOST_EXCUSED], *([f"{more} more"] if more > 0 else [])]
    return replace(difference, note=_join(difference.note, note), excuses=tuple(listed))


def _count(listed: Sequence[object], name: str) -> str:
    return f"{len(listed)} {name}{'' if len(listed) == 1 else 's'}" if listed else ""


def _join(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
