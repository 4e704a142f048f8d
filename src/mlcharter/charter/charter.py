"""A repository's charter: answers, settings, documents, config blocks, items, reports.

Everything is read on first use, and nothing is executed.
A file that cannot be read is a value too, not an error.
"""

import datetime
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from mlcharter.charter import baseline, config_entries, filling
from mlcharter.charter.baseline import Baseline
from mlcharter.charter.config_entries import Entry, Reading
from mlcharter.charter.released_files import RELEASED, newest
from mlcharter.charter.settings import TIERS, Settings
from mlcharter.markdown import document
from mlcharter.markdown.checklist import Item
from mlcharter.markdown.document import ConfigBlock, Document, Section
from mlcharter.support.errors import UserError
from mlcharter.support.files import Tree, Unreadable
from mlcharter.template.answers import Answers
from mlcharter.template.bundled import embedded_root
from mlcharter.template.specification import DocumentSpec, SectionSpec, Specification

if TYPE_CHECKING:
    from mlcharter.formats.report import Report
    from mlcharter.support.hashing import Digests

_MOST_FILES = 2000  # in one folder; the rest is ignored
_MARKS = (b"<!-- section:", b"<!-- config:", b"\nOwner:")

# Limits of what one check reads, so that its memory is bounded. Files beyond them are reported and
# fail. A document of 1 MiB needs up to 50 MiB if it is all lines, links and values.
MOST_READ = 64 * 1024 * 1024  # bytes of all files that rules look into
MOST_TEXT = 8 * 1024 * 1024  # bytes of all documents
MOST_MARKS = 250_000  # lines and markup characters in all documents
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

_Result = TypeVar("_Result")


class Charter(Struct, frozen=True, dict=True):
    """The charter of one repository; `today` is a date in UTC.

    `spec` is what the template and the organisation require. `template` is the folder of the
    template that the repository is checked against. `cache` is a folder for specifications of it,
    None to read them anew.

    Authors write dates in their own time zone, up to a day ahead of UTC or behind it. So a date
    after `latest` is in the future, and a deadline before `earliest` has passed.
    """

    tree: Tree
    answers: Answers
    settings: Settings
    spec: Specification
    today: datetime.date
    branch: str | None = None
    template: Path = field(default_factory=embedded_root)
    cache: Path | None = None
    _files: dict[str, bytes | Unreadable] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Charter of {self.tree!r}>"

    def without_waivers(
        self, items: Collection[tuple[str, Item]], entries: Collection[Entry]
    ) -> "Charter":
        """Return a charter in which some items, each with its document, and entries are required.

        Its documents are the same.
        """
        copy = replace(self)
        waived = {_place(entry) for entry in entries}
        vars(copy).update(
            _read=self._read,
            items=tuple(
                (read, replace(item, waiver=None) if (read.path, item) in items else item)
                for read, item in self.items
            ),
            readings=tuple(
                (config, _without_waivers(read, waived)) for config, read in self.readings
            ),
        )
        return copy

    def close(self) -> None:
        """Free the memory of the documents, and close the tree.

        A document and its sections refer to each other through cached properties of structs, which
        the garbage collector does not see.
        """
        for read in self.documents:
            vars(read).clear()
        self.tree.close()

    @property
    def latest(self) -> datetime.date:
        """The latest date in any time zone."""
        return self.today + datetime.timedelta(days=1)

    @property
    def earliest(self) -> datetime.date:
        """The earliest date in any time zone."""
        return self.today - datetime.timedelta(days=1)

    def needs_review(self, reviewed: datetime.date) -> bool:
        """Return whether a review of that date is older than the settings allow."""
        return reviewed + datetime.timedelta(days=self.settings.review_days) < self.earliest

    @property
    def tier(self) -> str:
        """The tier of the settings, else of the answers."""
        return self.settings.values.tier or self.answers.tier

    def requires(self, tier: str | None) -> bool:
        """Return whether this repository's tier requires what is required from `tier` on."""
        return tier in TIERS and TIERS.index(tier) <= TIERS.index(self.tier)

    @cached_property
    def baseline(self) -> Baseline:
        """The recorded findings that do not fail."""
        return baseline.read(self.tree)

    # Files

    def file(self, path: str) -> bytes | Unreadable:
        """Return the bytes of a regular file, up to 1 MiB, and MOST_READ for all files."""
        if path not in self._files:
            read = self.tree.read(path)
            if isinstance(read, bytes):
                used = self._used.get("files", 0) + len(read)
                if used > MOST_READ:
                    read = self._left_out(path, f"files of {MOST_READ} bytes")
                else:
                    self._used["files"] = used
            self._files[path] = read
        return self._files[path]

    def once(self, read: "Callable[[Charter, str], _Result]", path: str) -> "_Result":
        """Return the result of `read` for a file or a kind; cached, since many rules ask for it."""
        key = read, path
        if key not in self._results:
            self._results[key] = read(self, path)
        result: _Result = self._results[key]
        return result

    @cached_property
    def _results(self) -> dict[tuple[Any, str], Any]:
        """The results of `once`; not a field, since a copy with other files has other results."""
        return {}

    @cached_property
    def _skipped(self) -> dict[str, Unreadable]:
        """The files that were not read because of a limit."""
        return {}

    @cached_property
    def _used(self) -> dict[str, int]:
        """How much of each limit has been used."""
        return {}

    def _left_out(self, path: str, read: str) -> Unreadable:
        """Record and return that a file is not read, since a limit is reached."""
        message = (
            f"is not checked, since {read} were read before it; check in parts or make smaller"
        )
        self._skipped[path] = Unreadable(path, 1, message)
        return self._skipped[path]

    @property
    def left_out(self) -> tuple[Unreadable, ...]:
        """The files that were not read because of a limit, without documents."""
        return tuple(read for path, read in self._skipped.items() if path not in self._read)

    def digests(self, path: str) -> "Digests | Unreadable":
        """Return the SHA-256 digests of a regular file of any size; see `hashing`."""
        return self.once(_digest, path)

    def exists(self, path: str) -> bool:
        """Return whether a file or folder exists in the repository, by its path from the root."""
        return self.tree.exists(path)

    def is_file(self, path: str) -> bool:
        """Return whether a regular file exists in the repository."""
        return self.tree.is_file(path)

    # Documents

    @cached_property
    def _read(self) -> dict[str, Document | Unreadable]:
        found: dict[str, Document | Unreadable] = {}
        for path in (*self._template_paths, *self._own_paths):
            data = self.file(path)
            if isinstance(data, bytes):
                found[path] = self._document(data, path)
            elif self.tree.lexists(path):
                found[path] = data
        return found

    def _document(self, data: bytes, path: str) -> Document | Unreadable:
        """Return a parsed document; Unreadable if a limit for all documents is reached."""
        size = self._used.get("documents", 0) + len(data)
        marks = self._used.get("marks", 0) + sum(map(data.count, _MARKUP))
        if size > MOST_TEXT:
            return self._left_out(path, f"documents of {MOST_TEXT} bytes")
        if marks > MOST_MARKS:
            return self._left_out(path, f"{MOST_MARKS} lines and marks")
        self._used.update(documents=size, marks=marks)
        return document.decode(data, path)

    @property
    def _template_paths(self) -> list[str]:
        return [document_spec.path for document_spec in self.spec.documents]

    @property
    def _own_paths(self) -> Iterator[str]:
        """The team's own documents: in the folders of the template's, with a marker or an owner."""
        known = {*self._template_paths, *self.spec.forms}
        folders = {str(PurePosixPath(path).parent) for path in known}
        for folder in sorted(folders - {"."}):
            for name in self._names(folder, ".md"):
                path = f"{folder}/{name}"
                if path not in known and self._is_document(path):
                    yield path

    def _is_document(self, path: str) -> bool:
        """Return whether a file has a marker or an owner; its content is not cached."""
        data = self.tree.read(path)
        return isinstance(data, bytes) and any(mark in data for mark in _MARKS)

    def _names(self, folder: str, suffix: str) -> list[str]:
        listed = islice(self.tree.list_folder(folder), _MOST_FILES)
        return sorted(name for name, _ in listed if name.endswith(suffix))

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The readable documents: those of the template first, then the others by path."""
        return tuple(read for read in self._read.values() if isinstance(read, Document))

    @cached_property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The documents that exist and could not be read."""
        return tuple(read for read in self._read.values() if isinstance(read, Unreadable))

    def document(self, path: str) -> Document | None:
        read = self._read.get(path)
        return read if isinstance(read, Document) else None

    @cached_property
    def read(self) -> tuple[tuple[DocumentSpec, Document], ...]:
        """Each existing document of the template, with its specification."""
        return tuple(
            (document_spec, read)
            for document_spec in self.spec.documents
            if (read := self.document(document_spec.path)) is not None
        )

    @cached_property
    def sections(self) -> tuple[tuple[SectionSpec, Section], ...]:
        """Each existing section of the template, with its specification."""
        return tuple(
            (section_spec, section)
            for document_spec, read in self.read
            for section_spec in document_spec.sections
            if (section := read.section(section_spec.id)) is not None
        )

    @cached_property
    def unfilled(self) -> tuple[tuple[SectionSpec, Section, str], ...]:
        """Each existing section of the template that is not filled, and the reason."""
        return tuple(
            (section_spec, section, reason)
            for section_spec, section in self.sections
            if (reason := filling.why_unfilled(self.spec, section_spec, section)) is not None
        )

    @cached_property
    def unfilled_sections(self) -> frozenset[Section]:
        """The sections of `unfilled`."""
        return frozenset(section for _, section, _ in self.unfilled)

    @cached_property
    def items(self) -> tuple[tuple[Document, Item], ...]:
        """Every item of every document."""
        return tuple((read, item) for read in self.documents for item in read.items)

    # Config blocks

    def configs(self, kind: str) -> tuple[ConfigBlock, ...]:
        """Return every config block of a kind, in the order of the documents."""
        return tuple(config for config, _ in self.readings if config.kind == kind)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of config blocks that have a valid entry."""
        return tuple(kind for kind, entries in self._entries.items() if entries)

    @cached_property
    def readings(self) -> tuple[tuple[ConfigBlock, Reading], ...]:
        """Every config block with the result of reading it by its model."""
        return tuple(
            (config, config_entries.read(config))
            for read in self.documents
            for config in read.configs
        )

    @property
    def blank(self) -> Iterator[tuple[Document, ConfigBlock]]:
        """The config blocks in which every value is empty."""
        for config, read in self.readings:
            if read.blank:
                yield config.document, config

    @cached_property
    def _entries(self) -> dict[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = {}
        for config, read in self.readings:
            found.setdefault(config.kind, []).extend(read.entries)
        return {kind: tuple(entries) for kind, entries in found.items()}

    def every(self, kind: str) -> tuple[Entry, ...]:
        """Return the valid entries of all blocks of a kind, including waived ones."""
        return self._entries.get(kind, ())

    def entries(self, kind: str) -> tuple[Entry, ...]:
        """Return the valid entries of a kind, without those that are waived today."""
        return self.once(_list_current, kind)

    def entry(self, kind: str) -> Entry | None:
        """Return the entry of a kind that is a single mapping; None if it is missing or waived."""
        return next(iter(self.entries(kind)), None)

    def named(self, kind: str) -> Mapping[str, Entry]:
        """Return every valid entry of a kind by its `id`, `name` or `ref`, even if waived."""
        return self.once(_index_by_name, kind)

    def settled(self, *kinds: str) -> bool:
        """Return whether references to these kinds can be resolved; they may be empty.

        It is false if a config block of the template is missing, not filled in or invalid, which
        another rule reports, or if only higher tiers have it. A kind that the template does not
        have is settled and empty.
        """
        return self._unsettled.isdisjoint(kinds)

    @cached_property
    def _unsettled(self) -> frozenset[str]:
        expected = {
            kind
            for document_spec in (*self.spec.documents, *self.spec.kept)
            for section in document_spec.sections
            for kind in section.configs
        }
        here = {config.kind for config, _ in self.readings}
        open = {
            config.kind
            for config, read in self.readings
            if config.problem is not None or read.blank or read.problems
        }
        return frozenset(open | ((expected | self.spec.postponed) - here))

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
            self._used["reports"] = self._used.get("reports", 0) + size
            if self._used["reports"] > MOST_REPORTS:
                return self._left_out(path, f"reports of {MOST_REPORTS} bytes").message
            return data.message if isinstance(data, Unreadable) else report.parse(data, path)
        except UserError as error:
            return error.message

    def frozen(self, suffix: str) -> str | None:
        """Return the path of the newest file with a suffix in `reports/released`."""
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
        """The reason why a report cannot be read, by its path."""
        return {path: read for path, read in self._reports.items() if isinstance(read, str)}


def _digest(charter: Charter, path: str) -> "Digests | Unreadable":
    from mlcharter.support import hashing

    read = charter._files.get(path)
    return hashing.digest(read) if isinstance(read, bytes) else charter.tree.digests(path)


def _place(entry: Entry) -> tuple[str, int, config_entries.Path]:
    return entry.document.path, entry.config.line, entry.path


def _without_waivers(
    read: Reading, waived: Collection[tuple[str, int, config_entries.Path]]
) -> Reading:
    entries = (
        replace(entry, value=replace(entry.value, waived=None))
        if _place(entry) in waived
        else entry
        for entry in read.entries
    )
    return replace(read, entries=tuple(entries))


def _list_current(charter: Charter, kind: str) -> tuple[Entry, ...]:
    return tuple(e for e in charter.every(kind) if not e.is_waived(charter.earliest))


def _index_by_name(charter: Charter, kind: str) -> Mapping[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in charter.every(kind):
        for key in ("id", "name", "ref"):
            name = getattr(entry.value, key, None)
            if isinstance(name, str):
                found.setdefault(name, entry)
    return found
