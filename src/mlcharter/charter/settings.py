"""Read the settings of a repository, and the organisation's standard that they extend.

`.mlcharter.yml` in a repository may extend a standard, by a path in the repository or by a Git
address with a commit. A repository cannot weaken a locked standard.
Settings are data: nothing in them is expanded, imported or run.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path as File
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from mlcharter.formats import directions, model_errors, yamlblock
from mlcharter.formats.directions import ANY, GONE, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Date, Id, Owner, Part, Path, Text, full_match
from mlcharter.formats.yamlblock import Tree
from mlcharter.support import addresses, files, user_cache
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding
from mlcharter.template.answers import TIERS as TIERS

SETTINGS = ".mlcharter.yml"
LEVELS = ("draft", "complete", "release")
REVIEW_DAYS = 180
WAIVER_DAYS = 730
_UNEXCUSED = (SETTINGS, ".mlcharter-baseline.json")

Level = Literal["draft", "complete", "release"]
Tier = Literal["prototype", "production", "critical"]
Days = Annotated[int, Meta(ge=1, le=3660)]
Pattern = Annotated[Text, Meta(description="a path from the root, in which `*` matches anything")]
Version = Annotated[str, full_match(r"v?[0-9]+\.[0-9]+\.[0-9]+", "a version such as `v1.2.0`")]


class Allow(Part, frozen=True, kw_only=True):
    """Findings that are accepted until a date; `path` is a pattern, by default every file."""

    rule: Text
    path: Pattern = "*"
    until: Date
    by: Owner
    reason: Text

    def covers(self, rule: str, path: str) -> bool:
        """Return whether a rule's findings in a file are accepted; never those in the settings."""
        matches = fnmatchcase(rule, self.rule) and fnmatchcase(path, self.path)
        return matches and path not in _UNEXCUSED


class LevelAt(Part, frozen=True, kw_only=True):
    """The level for some files, branches, or both; the first entry that matches applies."""

    level: Level
    branch: Text | None = None
    path: Pattern | None = None


class RequiredItem(Part, frozen=True, kw_only=True):
    id: Id
    tier: Tier = "prototype"
    text: Text | None = None


class RequiredSection(Part, frozen=True, kw_only=True):
    id: Id
    heading: Text | None = None
    items: list[RequiredItem] = msgspec.field(default_factory=list)


class RequiredDocument(Part, frozen=True, kw_only=True):
    """A document that an organisation requires, or its additions to one of the template."""

    path: Path
    sections: list[RequiredSection] = msgspec.field(default_factory=list)


class NotApplicable(Part, frozen=True, kw_only=True):
    """Who decided that a part does not apply, and why; it has no end date.

    It is reviewed with its document; `reviewed` is the date of a document that is not there.
    """

    by: Owner
    reason: Text
    reviewed: Date | None = None


PartName = Annotated[
    Text, Meta(description="the path of a document, or the id of a section or item")
]
Address = Annotated[str, full_match(r"https://[^\s]+", "an address that begins with `https://`")]
CrosswalkName = Annotated[
    str, full_match(r"[a-z][a-z0-9-]{0,62}", "a name of lower-case letters, digits and hyphens")
]


class Clause(Part, frozen=True, kw_only=True):
    """A clause of a framework, and the parts of the charter that answer it.

    `gap` is what these parts do not show; without any part, it is why the clause is not covered.
    """

    id: Text
    asks: Text | None = None
    items: list[Id] = msgspec.field(default_factory=list)
    sections: list[Id] = msgspec.field(default_factory=list)
    config: list[Text] = msgspec.field(default_factory=list)
    gap: Text | None = None


class Crosswalk(Part, frozen=True, kw_only=True):
    """The clauses of a framework, or what an organisation adds to those of the template."""

    title: Text | None = None
    source: Text | None = None
    url: Address | None = None
    checked_on: Date | None = None
    clauses: list[Clause] = msgspec.field(default_factory=list)


class SettingsFile(Part, frozen=True, kw_only=True):
    """One settings file; a missing key is taken from the file that it extends."""

    extends: Text | None = None
    locked: bool = False
    tier: Tier | None = None
    level: Level | None = None
    levels: list[LevelAt] = msgspec.field(default_factory=list)
    select: list[Text] = msgspec.field(default_factory=list)
    ignore: list[Text] = msgspec.field(default_factory=list)
    allow: list[Allow] = msgspec.field(default_factory=list)
    review_days: Days | None = None
    waiver_days: Days | None = None
    minimum_template: Version | None = None
    template: Text | None = None
    require: list[RequiredDocument] = msgspec.field(default_factory=list)
    exclude: list[PartName] = msgspec.field(default_factory=list)
    provided_elsewhere: dict[str, Address] = msgspec.field(default_factory=dict)
    not_applicable: dict[str, NotApplicable] = msgspec.field(default_factory=dict)
    teams: dict[Owner, list[Owner]] = msgspec.field(default_factory=dict)
    crosswalks: dict[CrosswalkName, Crosswalk] = msgspec.field(default_factory=dict)


def _direction_of_level(entry: LevelAt) -> str:
    """Return whether an entry with a level weakens the settings: one at draft does."""
    return MORE if entry.level == "draft" else LESS


WEAKER: dict[str, Any] = {
    "extends": ANY,
    "locked": (True, False),
    "tier": TIERS[::-1],
    "level": LEVELS[::-1],
    "levels": {"*": _direction_of_level, "level": LEVELS[::-1], "branch": ANY, "path": ANY},
    "select": ANY,
    "ignore": MORE,
    "allow": {"*": MORE, "rule": ANY, "path": ANY, "until": MORE, "by": PERSON, "reason": PERSON},
    "review_days": MORE,
    "waiver_days": MORE,
    "minimum_template": LESS,
    "template": ANY,
    "require": {
        "*": LESS,
        "path": NAME,
        "sections": {
            "*": LESS,
            "id": NAME,
            "heading": PERSON,
            "items": {"*": LESS, "id": NAME, "tier": TIERS, "text": PERSON},
        },
    },
    "exclude": MORE,
    "provided_elsewhere": {"*": MORE},
    "not_applicable": {"*": MORE, "by": PERSON, "reason": PERSON, "reviewed": LESS},
    "teams": {"*": ANY},
    "crosswalks": {
        "*": LESS,
        "title": ANY,
        "source": ANY,
        "url": ANY,
        "checked_on": LESS,
        "clauses": {
            "*": ANY,
            "id": NAME,
            "asks": PERSON,
            "items": LESS,
            "sections": LESS,
            "config": LESS,
            "gap": GONE,
        },
    },
}
# The settings that an organisation can lock.
LOCKABLE = ("tier", "level", "review_days", "waiver_days", "minimum_template", "template")


def _is_weaker(name: str, own: Any, locked_value: Any) -> bool:
    return directions.judge(WEAKER[name], locked_value, own) == "weakens"


class Sourced(Struct, frozen=True):
    """Settings with the file that they were read from; `tree` has the position of each value."""

    settings: SettingsFile
    path: str
    tree: Tree | None = None

    def finding(self, message: str, *at: str | int) -> Finding:
        line, column = self.tree.key(*at) if self.tree else (1, 1)
        return Finding(self.path, line, column, "", message)


class Settings(Struct, frozen=True, dict=True):
    """The settings of one repository: its own, and those of the organisation (`above`).

    `problems` are findings about the files themselves, including values weaker than locked ones.
    """

    own: Sourced = Sourced(SettingsFile(), SETTINGS)
    above: tuple[Sourced, ...] = ()
    broken: tuple[Finding, ...] = ()

    @cached_property
    def problems(self) -> tuple[Finding, ...]:
        weakened = [finding for locked in self._locked for finding in self._weakened(locked)]
        return (*self.broken, *weakened, *self._unowned())

    def _unowned(self) -> Iterator[Finding]:
        """Yield a finding for each exclusion of the repository's own, which needs an owner."""
        for n, name in enumerate(self.own.settings.exclude):
            message = f"only an organisation can exclude `{name}`"
            remedy = "write it under `not_applicable` with `by` and `reason`"
            yield self.own.finding(f"{message}; {remedy}", "exclude", n)

    @property
    def _locked(self) -> list[SettingsFile]:
        return [sourced.settings for sourced in self.above if sourced.settings.locked]

    def _weakened(self, locked: SettingsFile) -> Iterator[Finding]:
        for name in LOCKABLE:
            own, locked_value = getattr(self.own.settings, name), getattr(locked, name)
            if own is not None and locked_value is not None and _is_weaker(name, own, locked_value):
                message = (
                    f"`{name}` is weaker than the organisation's `{locked_value}`, which is locked"
                )
                yield self.own.finding(f"{message}; remove it", name)
        for name in ("select", "ignore"):
            if getattr(self.own.settings, name):
                message = f"`{name}` is locked by the organisation; use `allow` with an end date"
                yield self.own.finding(message, name)
        for n, entry in enumerate(self.own.settings.levels):
            if locked.level and _rank(entry.level) < _rank(locked.level):
                message = f"`level` is below the organisation's `{locked.level}`, which is locked"
                yield self.own.finding(f"{message}; raise it", "levels", n, "level")
        for name in self.own.settings.not_applicable:
            if name in _list_names(locked.require):
                message = f"`{name}` is required by the organisation, whose standard is locked"
                yield self.own.finding(f"{message}; remove it", "not_applicable", name)

    @cached_property
    def values(self) -> SettingsFile:
        """The settings of the repository, completed and corrected by those of the organisation."""
        return replace(self.own.settings, **{name: self._value(name) for name in LOCKABLE})

    def _value(self, name: str) -> Any:
        """Return the repository's value, or the organisation's if that is missing or too weak."""
        value = getattr(self.own.settings, name)
        for sourced in self.above:
            locked_value = getattr(sourced.settings, name)
            locked = sourced.settings.locked and locked_value is not None
            if value is None or (locked and _is_weaker(name, value, locked_value)):
                value = locked_value
        return value

    @property
    def review_days(self) -> int:
        return self.values.review_days or REVIEW_DAYS

    def level(self, path: str, branch: str | None) -> str:
        """Return the level for findings in a file on a branch."""
        level = self.values.level or "draft"
        for sourced in (self.own, *self.above):
            for entry in sourced.settings.levels:
                if _matches(entry, path, branch):
                    required_levels = [p.level for p in self._locked if p.level]
                    return max([entry.level, *required_levels], key=_rank)
        return level

    def selects(self, rule: str) -> bool:
        """Return whether a rule is selected."""
        sources = self.above if self._locked else (self.own, *self.above)
        ignored = (pattern for sourced in sources for pattern in sourced.settings.ignore)
        if any(fnmatchcase(rule, pattern) for pattern in ignored):
            return False
        chosen = next((s.settings.select for s in sources if s.settings.select), None)
        return chosen is None or any(fnmatchcase(rule, pattern) for pattern in chosen)

    @property
    def allows(self) -> Iterator[tuple[Allow, Sourced, int]]:
        """Every `allow` entry with its file and its index in the list there."""
        for sourced in (self.own, *self.above):
            for n, entry in enumerate(sourced.settings.allow):
                yield entry, sourced, n

    @cached_property
    def not_applicable(self) -> dict[str, NotApplicable]:
        """The parts that do not apply, without those that a locked standard requires."""
        locked = {name for settings in self._locked for name in _list_names(settings.require)}
        sources = (*reversed(self.above), self.own)
        every = {n: e for sourced in sources for n, e in sourced.settings.not_applicable.items()}
        return {name: entry for name, entry in every.items() if name not in locked}

    @cached_property
    def provided_elsewhere(self) -> dict[str, str]:
        """The address of each document that is kept elsewhere, by its path."""
        sources = (self.own, *self.above)
        return {p: a for sourced in sources for p, a in sourced.settings.provided_elsewhere.items()}

    @property
    def teams(self) -> dict[str, list[str]]:
        """The members of each team, whose approval counts as the team's."""
        sources = (*reversed(self.above), self.own)
        return {team: names for s in sources for team, names in s.settings.teams.items()}

    @property
    def excluded(self) -> tuple[str, ...]:
        """The parts that the organisation excludes."""
        return tuple(name for sourced in self.above for name in sourced.settings.exclude)

    @property
    def left_out(self) -> frozenset[str]:
        """The names of the documents, sections and items that the charter does not need here."""
        return frozenset((*self.excluded, *self.provided_elsewhere, *self.not_applicable))

    @property
    def required(self) -> Iterator[RequiredDocument]:
        for sourced in (self.own, *self.above):
            yield from sourced.settings.require


def _list_names(required: list[RequiredDocument]) -> set[str]:
    """Return the names of the documents, sections and items that a standard requires."""
    sections = [section for document in required for section in document.sections]
    items = [item for section in sections for item in section.items]
    return {d.path for d in required} | {s.id for s in sections} | {i.id for i in items}


def _rank(level: str) -> int:
    return LEVELS.index(level)


def _matches(entry: LevelAt, path: str, branch: str | None) -> bool:
    if entry.branch is not None and not (branch and fnmatchcase(branch, entry.branch)):
        return False
    return entry.path is None or fnmatchcase(path, entry.path)


# Reading


def read(tree: files.Tree, above: File | None = None) -> Settings:
    """Return the settings of a repository; `above` is the file of an organisation's standard."""
    broken: list[Finding] = []
    standards = [_read(above.name, tree.outside(above.parent), broken)] if above else []
    for given in standards:
        if given.settings.extends is not None:
            message = f"`{given.settings.extends}` is not read; a standard extends no other file"
            broken.append(given.finding(f"{message}, so copy what it has", "extends"))
    own = Sourced(SettingsFile(), SETTINGS)
    if tree.lexists(SETTINGS):
        own = _read(SETTINGS, tree, broken)
    if own.settings.extends is not None:
        extended = _extended(own, tree, broken)
        standards += [extended] if extended else []
    return Settings(own, tuple(standards), tuple(broken))


def _read(path: str, place: files.Tree, broken: list[Finding], shown: str = "") -> Sourced:
    """Read a settings file; an invalid one adds its problems to `broken` and has no settings."""
    empty = Sourced(SettingsFile(), shown or path)
    data = place.read(path)
    if isinstance(data, Unreadable):
        broken.append(empty.finding(f"the settings file {data.message}"))
        return empty
    try:
        tree = yamlblock.parse(data.decode())
    except UnicodeDecodeError:
        broken.append(empty.finding("the settings file is not UTF-8; save it as UTF-8"))
        return empty
    empty = replace(empty, tree=tree)
    if tree.problem:
        line, column, message = tree.problem
        broken.append(Finding(empty.path, line, column, "", message))
        return empty
    value = {} if tree.value is None else tree.value
    if not isinstance(value, dict):
        broken.append(empty.finding("the settings file is not a mapping; write `key: value`"))
        return empty
    try:
        return replace(empty, settings=msgspec.convert(value, SettingsFile, strict=True))
    except msgspec.ValidationError:
        for wrong in model_errors.find_mistakes(value, SettingsFile):
            broken.append(empty.finding(f"the settings file {wrong.message}", *wrong.path))
        return empty


def pinned(source: str) -> tuple[str, str, str] | None:
    """Split `git+https://…@<commit>#<file>` into its parts; None for anything else."""
    rest, _, path = source.partition("#")
    url, at, commit = rest.removeprefix("git+").rpartition("@")
    is_commit = len(commit) == 40 and set(commit) <= set("0123456789abcdef")
    safe = url.startswith(("https://", "ssh://", "file://")) and not set(url) & set(" \t\r\n")
    if not (source.startswith("git+") and at and is_commit and safe):
        return None
    return url, commit, path or SETTINGS


def _extended(own: Sourced, tree: files.Tree, broken: list[Finding]) -> Sourced | None:
    source = own.settings.extends or ""
    shown_source = addresses.without_secrets(source)
    if shown_source != source:
        message = f"`{shown_source}` contains a secret; remove and revoke it"
        broken.append(own.finding(f"{message}, and use Git's credential helper", "extends"))
    if pinned(source):
        cached = cache(source)
        shown = f"{SETTINGS} of the organisation"
        beside = tree.outside(cached.parent)
        if beside.lexists(cached.name):
            return _read(cached.name, beside, broken, shown)
        message = f"`{shown_source}` is not fetched yet; run `mlcharter check --fetch` once"
    elif "://" in source or source.startswith("git+"):
        message = (
            f"`{shown_source}` is not pinned; write `git+https://…@<commit of 40 digits>#<file>`"
        )
    else:
        extended = _read(source, tree, broken)
        if extended.settings.extends is None:
            return extended
        loops = File(source) == File(SETTINGS)
        other = "the file itself; remove it" if loops else "another file; extend that one directly"
        message = f"`{source}` extends {other}"
    broken.append(own.finding(message, "extends"))
    return None


def cache(source: str) -> File:
    """Return the path of a fetched standard in the cache."""
    import hashlib

    name = hashlib.sha256(source.encode()).hexdigest()[:32]
    return user_cache.folder() / "standards" / f"{name}.yml"
