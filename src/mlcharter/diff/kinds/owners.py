"""Who must approve changes from now on: the owners of the files that decide a verdict.

Owners change with CODEOWNERS, with another file that the host reads instead, with the field
`Owner` and the answers if CODEOWNERS does not name the file, and if a part moves to another file.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from mlcharter.charter import code_owners, config_entries
from mlcharter.charter.charter import Charter
from mlcharter.charter.code_owners import CodeOwners, Line, Section
from mlcharter.diff import deciding_files, moves, ownership
from mlcharter.diff.difference import Difference
from mlcharter.diff.ownership import Ownership
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions
from mlcharter.formats.directions import Class
from mlcharter.markdown.document import Document
from mlcharter.template.specification import SectionSpec

Owned = dict[Section, tuple[str, ...]]  # the owners by section; GitHub has only one
_MOST = 500_000  # lines times paths that are compared
_WILD = re.compile(r"\*+|\?|\[[^\]]*\]")
_INSIDE = tuple(f"{folder}/" for folder in deciding_files.FOLDERS)


def compare(pair: Pair) -> Iterator[Difference]:
    seen: set[tuple[str, str, str]] = set()
    for host in dict.fromkeys(map(code_owners.find_host, (pair.old, pair.new))):
        old, new = ownership.read(pair.old, host), ownership.read(pair.new, host)
        for found in (*_compare_files(pair, old, new), *_compare_moved_parts(pair, old, new)):
            key = (found.subject, found.before, found.after)
            if key not in seen:
                seen.add(key)
                yield found


def _compare_files(pair: Pair, old: Ownership, new: Ownership) -> Iterator[Difference]:
    """Yield each change of owners once, with the number of files that it concerns."""
    lines = _changed_lines(old.owners, new.owners)
    moved = moves.find(pair)
    answers = [charter.answers.path for charter in (pair.old, pair.new)]
    moved |= {answers[0]: answers[1]} if answers[0] != answers[1] else {}
    paths = _list_paths(pair, lines, moved, {old.owners.prefix, new.owners.prefix})
    file = new.file or old.file or code_owners.NAME
    if len(lines) * len(paths) > _MOST:
        reason = ("compared", f"{len(lines)} lines changed, which are too many to compare")
        yield difference("weakens", "owners", reason, file, base_path=old.file or file)
        return
    if new.file and _is_link(new) and not (old.file == new.file and _is_link(old)):
        values = ("a file", "a link, which hosts may not follow")
        yield difference("weakens", new.file, values, new.file, base_path=old.file or new.file)
    groups: dict[tuple[str, str, str, Class], list[str]] = {}
    for path in sorted(paths):
        now = moved.get(path, path)
        at = now
        places = {old.owners.place(path), new.owners.place(now)}
        if now == path and any(line.matches(place) for line in lines for place in places):
            at = file
        elif now == path and path not in pair.changed:
            if _answer(pair.old) == _answer(pair.new):
                continue
            at = pair.new.answers.path
        before, after = _owned(old, new, path, now)
        if effect := _judge(before, after):
            key = (at, _show(before), _show(after), effect)
            groups.setdefault(key, []).append(path)
    for (at, before_text, after_text, effect), found in groups.items():
        values = (before_text, after_text)
        base = old.file if at == file and old.file else found[0]
        gone = at != new.file and not pair.new.exists(at)
        subject = f"owners of {deciding_files.shorten(pair.old, found)}"
        yield difference(effect, subject, values, at, at_base=gone, base_path=base)


def _is_link(owned: Ownership) -> bool:
    return owned.file is not None and code_owners.is_link(owned.charter, owned.file)


def _owned(old: Ownership, new: Ownership, path: str, now: str) -> tuple[Owned, Owned]:
    """Return the owners of a file before and after, by section.

    Only for a file that CODEOWNERS does not name, its field `Owner` and the answers count: the
    host knows neither.
    """
    before, after = old.owners.by_section(path), new.owners.by_section(now)
    if not before and old.charter.exists(path) and new.charter.exists(now):
        before = {Section(): old.by_charter(path)}
        after = after or {Section(): new.by_charter(now)}
    return before, after


def _answer(charter: Charter) -> Any:
    return charter.answers.values.get("owner")


def _list_paths(
    pair: Pair, lines: list[Line], moved: dict[str, str], prefixes: set[str]
) -> set[str]:
    """Return the files that decide a verdict, and names of files that lines may be meant for."""
    found = deciding_files.list_files(pair.old) | deciding_files.list_files(pair.new)
    for host in code_owners.PATHS:
        found |= {path for c in (pair.old, pair.new) for path in code_owners.list_places(c, host)}
    for line in lines:
        name = "/".join(_WILD.sub("x", part) for part in line.pattern.split("/") if part)
        name += "/x" if line.pattern.endswith("/") else ""
        for prefix in prefixes:
            inside = [name.removeprefix(prefix)]
            if not line.anchored:
                inside += [f"{folder}/{name}" for folder in deciding_files.FOLDERS]
            found |= {
                path for path in inside if path.startswith(_INSIDE) and line.matches(prefix + path)
            }
    return found - set(moved.values())


def _changed_lines(old: CodeOwners, new: CodeOwners) -> list[Line]:
    """Return the lines between the first and the last that differ, and those of changed sections.

    A file that none of them matches has the same owners before and after.
    """
    if old.sections != new.sections or old.prefix != new.prefix:
        return [*old.lines, *new.lines]
    start = _count_same(old.lines, new.lines)
    end = _count_same(old.lines[start:][::-1], new.lines[start:][::-1])
    return [line for lines in (old.lines, new.lines) for line in lines[start : len(lines) - end]]


def _count_same(old: Sequence[Line], new: Sequence[Line]) -> int:
    """Return how many lines at the start are the same."""
    pairs = zip(old, new, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


def _judge(before: Owned, after: Owned) -> Class | None:
    """Return the class of a change of owners; None if they are the same."""
    old, new = _needed(before), _needed(after)
    if old == new:
        return None
    if not old:
        return "needs a person"  # nobody could approve a change before
    if {name for _, _, names in old for name in names} != {n for _, _, names in new for n in names}:
        return "weakens"
    kept = all(
        any(names == now and optional >= other and count <= least for other, least, now in new)
        for optional, count, names in old
    )
    return "tightens" if kept else "weakens"


def _needed(owned: Owned) -> set[tuple[bool, int, frozenset[str]]]:
    """Return whose approval is needed: whether it is optional, of how many, and the names."""
    return {
        (section.optional, section.approvals, frozenset(name.lower() for name in names))
        for section, names in owned.items()
        if names
    }


def _show(owned: Owned) -> str:
    return "; ".join(f"{section}{' '.join(names)}" for section, names in owned.items())


# Parts that move between documents


def _compare_moved_parts(pair: Pair, old: Ownership, new: Ownership) -> Iterator[Difference]:
    """Yield where parts of a document, as they are, come under other owners."""
    moved = moves.find(pair)
    after = {part: read.path for read in pair.after() for part in _parts(read)}
    groups: dict[tuple[str, str], list[str]] = {}
    for read in pair.before():
        for part in _parts(read):
            now = after.get(part)
            if now and now not in (read.path, moved.get(read.path)):
                groups.setdefault((read.path, now), []).append(part)
    for (path, now), parts in groups.items():
        before, owners = _owned(old, new, path, now)
        if effect := _judge(before, owners):
            if pair.updated and all(_is_moved_by_template(pair, part, path, now) for part in parts):
                effect = "needs a person"
            subject = f"owners of {parts[0]}" + (f" and {len(parts) - 1} more" if parts[1:] else "")
            note = f"moved from {path}"
            values = (_show(before), _show(owners))
            yield difference(effect, subject, values, now, base_path=path, note=note)


def _is_moved_by_template(pair: Pair, part: str, path: str, now: str) -> bool:
    """Return whether the template has a section, item or kind of entries in the new document."""
    before, after = (
        {name for section in spec.sections for name in _specified(section)} if spec else set()
        for spec in map(pair.new.spec.document, (path, now))
    )
    name = part.partition(' "')[0]  # the kind of an entry
    return name in after - before


def _specified(section: SectionSpec) -> Iterator[str]:
    yield f"section `{section.id}`"
    yield from (f"item `{item.id}`" for item in section.items)
    yield from section.configs


def _parts(read: Document) -> Iterator[str]:
    """Yield the names of the sections, items and entries of a document."""
    yield from (f"section `{section.id}`" for section in read.sections if section.id)
    yield from (f"item `{item.id}`" for item in read.items if item.id)
    for config in read.configs:
        for entry in config_entries.read(config).entries:
            yield f'{config.kind} "{directions.name(entry.value)}"'
