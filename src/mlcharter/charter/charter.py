"""A repository's charter: answers, settings, documents, config blocks, items, reports.

Everything is read when it is first asked for. No Git command runs, nothing is executed,
and what cannot be read is data as well.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, field

from mlcharter.charter import baseline, config_entries, filling
from mlcharter.charter.baseline import Baseline
from mlcharter.charter.config_entries import Entry, Reading
from mlcharter.charter.released_files import RELEASED, newest
from mlcharter.charter.settings import TIERS, Settings
from mlcharter.markdown import document
from mlcharter.markdown.document import ConfigBlock, Document, Item, Section
from mlcharter.support.errors import UserError
from mlcharter.support.files import Tree, Unreadable
from mlcharter.template.answers import Answers
from mlcharter.template.bundled import embedded_root
from mlcharter.template.specification import DocumentSpec, SectionSpec, Specification

if TYPE_CHECKING:
    from mlcharter.formats.report import Report
    from mlcharter.support.hashing import Digests

_MOST_FILES = 2000  # in one folder; what is beyond is no charter
_MARKS = (b"<!-- section:", b"<!-- config:", b"\nOwner:")

# What one check reads at most, so that its memory is bounded. What is beyond is left out, said and
# fails. A document of a mebibyte needs fifty times that if it is all lines, links and values.
MOST_READ = 64 * 1024 * 1024  # bytes of all files that rules look into
MOST_TEXT = 8 * 1024 * 1024  # bytes of all documents
MOST_MARKS = 250_000  # lines and marks in all documents
MOST_REPORTS = 16 * 1024 * 1024  # bytes of all reports
_MARKUP = (
    b"\n",
    b"- ",
    b"* ",
    b"+ ",
    b">",
    b"\r",
    b"[",
    b"`",
    b"<",
    b"|",
    b",",
    b":",
    b"{",
    b"!",
    b"\\",
)

_Made = TypeVar("_Made")


class Charter(Struct, frozen=True, dict=True):
    """`demands` is what the template and the organisation want of it; `today` is a date in UTC.

    Whoever wrote a date did so in a zone of their own, up to a day ahead of UTC or behind it. So
    what is later than `latest` is in the future, and a deadline before `earliest` has passed.

    `template` is the folder of the template that it is held to.
    """

    tree: Tree
    answers: Answers
    settings: Settings
    spec: Specification
    today: datetime.date
    branch: str | None = None
    template: Path = field(default_factory=embedded_root)
    _files: dict[str, bytes | Unreadable] = field(default_factory=dict)
    _left: dict[str, Unreadable] = field(default_factory=dict)
    _made: dict[tuple[Any, str], Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Charter of {self.tree!r}>"

    def close(self) -> None:
        """Let go of the documents and the tree, so that the next repository finds room.

        A document and its sections hold each other, where the garbage collector does not look:
        it is not shown what a struct has computed.
        """
        for read in self.documents:
            vars(read).clear()
        self.tree.close()

    @property
    def latest(self) -> datetime.date:
        """The latest date that it may be anywhere."""
        return self.today + datetime.timedelta(days=1)

    @property
    def earliest(self) -> datetime.date:
        """The earliest date that it may be anywhere."""
        return self.today - datetime.timedelta(days=1)

    @property
    def tier(self) -> str:
        """How much is at stake: the settings, else the answer."""
        return self.settings.tier or self.answers.tier

    def requires(self, tier: str | None) -> bool:
        """Whether an item that is required from a tier on is required here."""
        return tier in TIERS and TIERS.index(tier) <= TIERS.index(self.tier)

    @cached_property
    def baseline(self) -> Baseline:
        """What was found before and is let stand."""
        return baseline.read(self.tree)

    # Files

    def file(self, path: str) -> bytes | Unreadable:
        """A regular file in the repository, up to 1 MiB; no more of all than MOST_READ bytes."""
        if path not in self._files:
            read = self.tree.read(path)
            if isinstance(read, bytes):
                taken = self._taken.get("files", 0) + len(read)
                if taken > MOST_READ:
                    read = self._left_out(path, f"files of {MOST_READ} bytes")
                else:
                    self._taken["files"] = taken
            self._files[path] = read
        return self._files[path]

    def once(self, read: "Callable[[Charter, str], _Made]", path: str) -> "_Made":
        """What `read` makes of a file, made once however many entries name it."""
        key = read, path
        if key not in self._made:
            self._made[key] = read(self, path)
        made: _Made = self._made[key]
        return made

    @cached_property
    def _taken(self) -> dict[str, int]:
        """How much of each limit is used up."""
        return {}

    def _left_out(self, path: str, read: str) -> Unreadable:
        """What to say of a file that is not read, since so much has been read before it."""
        message = (
            f"is not checked, since {read} were read before it; check in parts or make smaller"
        )
        self._left[path] = Unreadable(path, 1, message)
        return self._left[path]

    @property
    def left_out(self) -> tuple[Unreadable, ...]:
        """The files that a limit has kept from being read so far, but for documents."""
        return tuple(read for path, read in self._left.items() if path not in self._read)

    def digests(self, path: str) -> "Digests | Unreadable":
        """The SHA-256 digests of a regular file in the repository, of any size; see `hashing`."""
        return self.tree.digests(path)

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there and lies in the repository; `path` from its top."""
        return self.tree.exists(path)

    def is_file(self, path: str) -> bool:
        """Whether a regular file is there and lies in the repository."""
        return self.tree.is_file(path)

    # Documents

    @cached_property
    def _read(self) -> dict[str, Document | Unreadable]:
        found: dict[str, Document | Unreadable] = {}
        for path in (*self._demanded, *self._beside):
            data = self.file(path)
            if isinstance(data, bytes):
                found[path] = self._document(data, path)
            elif self.tree.lexists(path):
                found[path] = data
        return found

    def _document(self, data: bytes, path: str) -> Document | Unreadable:
        """A document, unless those before it are too large or hold too much to be checked."""
        size = self._taken.get("documents", 0) + len(data)
        marks = self._taken.get("marks", 0) + sum(map(data.count, _MARKUP))
        if size > MOST_TEXT:
            return self._left_out(path, f"documents of {MOST_TEXT} bytes")
        if marks > MOST_MARKS:
            return self._left_out(path, f"{MOST_MARKS} lines and marks")
        self._taken.update(documents=size, marks=marks)
        return document.decode(data, path)

    @property
    def _demanded(self) -> list[str]:
        return [demand.path for demand in self.spec.documents]

    @property
    def _beside(self) -> Iterator[str]:
        """The team's own documents: beside the template's, with a marker or an owner."""
        known = {*self._demanded, *self.spec.forms}
        folders = {str(PurePosixPath(path).parent) for path in known}
        for folder in sorted(folders - {"."}):
            for name in self._names(folder, ".md"):
                path = f"{folder}/{name}"
                if path not in known and self._is_document(path):
                    yield path

    def _is_document(self, path: str) -> bool:
        """Whether a file has a marker or an owner; what has none is not kept."""
        data = self.tree.read(path)
        return isinstance(data, bytes) and any(mark in data for mark in _MARKS)

    def _names(self, folder: str, suffix: str) -> list[str]:
        listed = islice(self.tree.list_folder(folder), _MOST_FILES)
        return sorted(name for name, _ in listed if name.endswith(suffix))

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """Those that could be read: the standard ones first, then the others by path."""
        return tuple(read for read in self._read.values() if isinstance(read, Document))

    @cached_property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The documents that are there and could not be read."""
        return tuple(read for read in self._read.values() if isinstance(read, Unreadable))

    def document(self, path: str) -> Document | None:
        read = self._read.get(path)
        return read if isinstance(read, Document) else None

    @cached_property
    def read(self) -> tuple[tuple[DocumentSpec, Document], ...]:
        """Each document that the template gave and that is here, with what it must hold."""
        return tuple(
            (demand, read)
            for demand in self.spec.documents
            if (read := self.document(demand.path)) is not None
        )

    @cached_property
    def sections(self) -> tuple[tuple[SectionSpec, Section], ...]:
        """Each section that the template gave and that is here, with what it must hold."""
        return tuple(
            (wanted, section)
            for demand, read in self.read
            for wanted in demand.sections
            if (section := read.section(wanted.id)) is not None
        )

    @cached_property
    def unfilled(self) -> tuple[tuple[SectionSpec, Section, str], ...]:
        """Each section that the template gave and that does not count as filled, and why."""
        return tuple(
            (wanted, section, reason)
            for wanted, section in self.sections
            if (reason := filling.unfilled(self.spec, wanted, section)) is not None
        )

    @cached_property
    def items(self) -> tuple[tuple[Document, Item], ...]:
        """Every item of every document."""
        return tuple((read, item) for read in self.documents for item in read.items)

    # Config blocks

    def configs(self, kind: str) -> tuple[ConfigBlock, ...]:
        """Every config block of a kind, in the order of the documents."""
        return tuple(self._configs.get(kind, ()))

    @cached_property
    def _configs(self) -> dict[str, list[ConfigBlock]]:
        found: dict[str, list[ConfigBlock]] = {}
        for read in self.documents:
            for config in read.configs:
                found.setdefault(config.kind, []).append(config)
        return found

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of config blocks that have a valid entry."""
        return tuple(kind for kind, entries in self._entries.items() if entries)

    @cached_property
    def readings(self) -> tuple[tuple[ConfigBlock, Reading], ...]:
        """Every config block with what its model makes of it."""
        return tuple(
            (config, config_entries.read(config))
            for read in self.documents
            for config in read.configs
        )

    @property
    def blank(self) -> Iterator[tuple[Document, ConfigBlock]]:
        """The config blocks that nobody has begun to fill in."""
        for config, read in self.readings:
            if read.blank:
                yield config.document, config

    @cached_property
    def _entries(self) -> dict[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = {}
        for config, read in self.readings:
            found.setdefault(config.kind, []).extend(read.entries)
        return {kind: tuple(entries) for kind, entries in found.items()}

    @cached_property
    def _holding(self) -> dict[str, tuple[Entry, ...]]:
        return {}

    @cached_property
    def _by_name(self) -> dict[str, Mapping[str, Entry]]:
        return {}

    def every(self, kind: str) -> tuple[Entry, ...]:
        """The valid entries of a kind, joined; also those whose `waived` excuses them."""
        return self._entries.get(kind, ())

    def entries(self, kind: str) -> tuple[Entry, ...]:
        """The valid entries of a kind that hold here: without those that `waived` excuses today."""
        if kind not in self._holding:
            held = (entry for entry in self.every(kind) if not entry.excused(self.earliest))
            self._holding[kind] = tuple(held)
        return self._holding[kind]

    def entry(self, kind: str) -> Entry | None:
        """The entry of a kind that stands once (a mapping); None when it is absent or excused."""
        return next(iter(self.entries(kind)), None)

    def named(self, kind: str) -> Mapping[str, Entry]:
        """Every valid entry of a kind by its `id`, `name` or `ref`, excused ones too."""
        if kind not in self._by_name:
            found: dict[str, Entry] = {}
            for entry in self.every(kind):
                for key in ("id", "name", "ref"):
                    name = getattr(entry.value, key, None)
                    if isinstance(name, str):
                        found.setdefault(name, entry)
            self._by_name[kind] = found
        return self._by_name[kind]

    def settled(self, *kinds: str) -> bool:
        """Whether what others name can be looked up in these kinds, even if they are empty.

        Where a config block that the template gave is missing, not filled in or invalid, another
        rule has found it. A kind that nobody gave is settled, and has nothing in it.
        """
        return self._unsettled.isdisjoint(kinds)

    @cached_property
    def _unsettled(self) -> frozenset[str]:
        wanted = {
            kind
            for demand in (*self.spec.documents, *self.spec.kept)
            for section in demand.sections
            for kind in section.configs
        }
        here = {config.kind for config, _ in self.readings}
        open = {
            config.kind
            for config, read in self.readings
            if config.problem is not None or read.blank or read.problems
        }
        return frozenset(open | (wanted - here))

    # Reports

    @cached_property
    def _reports(self) -> "dict[str, Report | str]":
        paths = [
            f"{folder}/{name}"
            for folder in ("reports", RELEASED)
            for name in self._names(folder, ".json")
        ]
        read = {path: self._report(path) for path in reversed(paths)}  # the newest first
        return {path: read[path] for path in paths}

    def _report(self, path: str) -> "Report | str":
        from mlcharter.formats import report

        try:
            data = self.tree.read(path, report.MAX_BYTES)
            size = 0 if isinstance(data, Unreadable) else len(data)
            self._taken["reports"] = self._taken.get("reports", 0) + size
            if self._taken["reports"] > MOST_REPORTS:
                return self._left_out(path, f"reports of {MOST_REPORTS} bytes").message
            return data.message if isinstance(data, Unreadable) else report.parse(data, path)
        except UserError as error:
            return error.message

    def frozen(self, suffix: str) -> str | None:
        """The newest file with a suffix in `reports/released`."""
        name = newest(self._names(RELEASED, suffix), suffix)
        return f"{RELEASED}/{name}" if name else None

    @property
    def reports(self) -> "dict[str, Report]":
        """The reports of the last run by path, `reports/<track>.json`."""
        return {path: read for path, read in self._readable if path.count("/") == 1}

    @property
    def released(self) -> "dict[str, Report]":
        """The frozen reports by path, `reports/released/…`."""
        return {path: read for path, read in self._readable if path.count("/") == 2}

    @property
    def _readable(self) -> "Iterator[tuple[str, Report]]":
        return ((path, r) for path, r in self._reports.items() if not isinstance(r, str))

    @property
    def broken_reports(self) -> dict[str, str]:
        """Why a report cannot be read, by its path."""
        return {path: read for path, read in self._reports.items() if isinstance(read, str)}
