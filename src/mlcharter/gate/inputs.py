"""Find out whether a report is stale: whether its inputs have changed since the eval ran.

A report lists its inputs (see `mlcharter.evals.inputs`): file patterns, the
digest of each file that they matched, and the digest of the config blocks that the eval reads.
The digests are computed again here; no code of the repository runs.
The thresholds of gates and commit ids are not inputs.

The versions of instruments are compared with those of this mlcharter: with others, it would measure
other numbers. Package versions are compared with constraints.txt, from which `make setup` installs.
Without that file they are not compared, since finding the installed versions would mean running
code.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from mlcharter.charter.released_files import RELEASED
from mlcharter.evals import METHODS
from mlcharter.formats.report import InputBlock, Inputs, Report
from mlcharter.markdown import document
from mlcharter.support.files import Folder, Tree, Unreadable
from mlcharter.template import answers

CONSTRAINTS = "constraints.txt"
MAX_ENTRIES = 50_000  # files and folders that are searched for one report
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;#]+)", re.M)
_MAX_PATTERN = 4096  # characters, the longest path in Linux
_WILD = re.compile(r"[*?[]")
_RUN_EVAL = "run the eval without `--defect`"
_NO_INPUTS = "it has no `inputs`, so it cannot be checked"


def find_staleness(report: Report, path: Path, tree: Folder) -> str | None:
    """Return why the report at `path` is stale; None if its inputs are unchanged.

    Reports of a release are of another state on purpose, and never stale.
    """
    if report.defect is not None:
        return f"it measured the system with the defect of gate `{report.defect}`; {_RUN_EVAL}"
    place = Path(os.path.relpath(path.absolute(), Path(tree.root).absolute())).as_posix()
    if place.startswith(f"{RELEASED}/"):
        return None
    return find_difference(report, tree)


def find_difference(report: Report, tree: Tree) -> str | None:
    """Return what has changed since the eval of a report ran; None if nothing has."""
    if report.inputs is None:
        return f"{_NO_INPUTS}; {suggest_rerun('eval', tree)}"
    if changes := list(find_changes(report.inputs, tree)):
        others = f" ({len(changes) - 1} more)" if len(changes) > 1 else ""
        return f"{changes[0]}{others}; {suggest_rerun('eval', tree)}"
    if difference := next(_compare_methods(report.methods, METHODS), None):
        return f"{difference}; {suggest_rerun('eval', tree)}"
    if difference := next(_compare_versions(report.run.packages, tree), None):
        return f"{difference}; {suggest_rerun('setup eval', tree)}"
    return None


def _compare_methods(measured: Mapping[str, str], current: Mapping[str, str]) -> Iterator[str]:
    """Yield each instrument of a report that has another version, as a sentence."""
    for name, version in sorted(measured.items()):
        if name in current and current[name] != version:
            yield f"it was measured with `{name}` {version}, and this mlcharter has {current[name]}"


def suggest_rerun(targets: str, tree: Tree) -> str:
    """Return how to update a report: with targets of the template's Makefile, if that is there."""
    return f"run `make {targets}`" if answers.load(tree).has_make else "run the eval again"


def find_changes(inputs: Inputs, tree: Tree) -> Iterator[str]:
    """Return each change of the inputs since the eval ran, as a sentence."""
    current_files = _FileFinder(tree).find(inputs.patterns)
    if current_files is None:
        remedy = "use a manifest of the data instead"
        yield f"its patterns search more than {MAX_ENTRIES} files; {remedy}"
        return
    current = _CurrentState(tree)
    for path in sorted({*current_files, *inputs.files}):
        if path not in inputs.files:
            yield f"`{path}` was added since the eval ran"
        elif path not in current_files:
            yield f"`{path}` was deleted since the eval ran"
        elif (problem := current.compare_file(path, inputs.files[path])) is not None:
            yield f"`{path}` {problem}"
    for block in inputs.blocks:
        if (problem := current.compare_block(block)) is not None:
            yield f"the config block `{block.kind}` of `{block.document}` {problem}"


def compute_digest(
    patterns: list[str], blocks: Sequence[tuple[str, str]], tree: Tree
) -> str | None:
    """Return the digest of the files that match, and of config blocks by document and kind.

    None if there are too many files to search, or if one of them cannot be read.
    """
    paths = _FileFinder(tree).find(patterns)
    if paths is None:
        return None
    found: dict[str, str] = {}
    for path in sorted(paths):
        read = tree.digests(path)
        if isinstance(read, Unreadable):
            return None
        found[path] = read.text
    documents = {path: _compute_block_digests(path, tree) for path, _ in blocks}
    for path, kind in sorted(blocks):
        known = documents[path]
        if isinstance(known, Unreadable):
            return None
        found[f"{path}#{kind}"] = known.get(kind, "")
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()


_CHANGED = "changed since the eval ran"


class _CurrentState:
    """The current state of the repository. A file is read once, even with several links to it."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._blocks: dict[str, dict[str, str] | Unreadable] = {}

    def compare_file(self, path: str, sha256: str) -> str | None:
        """Return how a file differs from its digest; None if it does not."""
        digests = self._tree.digests(path)
        if isinstance(digests, Unreadable):
            return digests.message.partition(";")[0]
        return None if digests.text == sha256 else _CHANGED

    def compare_block(self, block: InputBlock) -> str | None:
        """Return how the config blocks of a kind differ from their digest; None if they do not."""
        place = self._tree.real(block.document)
        if place not in self._blocks:
            self._blocks[place] = _compute_block_digests(block.document, self._tree)
        digests = self._blocks[place]
        if isinstance(digests, Unreadable):
            return f"is missing: the document {digests.message.partition(';')[0]}"
        if block.kind not in digests:
            return "was deleted since the eval ran"
        return None if digests[block.kind] == block.sha256 else _CHANGED


def _compute_block_digests(path: str, tree: Tree) -> dict[str, str] | Unreadable:
    """Return the digest of the text of all config blocks of each kind in a document."""
    read = document.read(path, tree)
    if isinstance(read, Unreadable):
        return read
    texts: dict[str, list[str]] = {}
    for config in read.configs:
        texts.setdefault(config.kind, []).append(config.text.replace("\r\n", "\n"))
    return {
        kind: hashlib.sha256("".join(parts).encode()).hexdigest() for kind, parts in texts.items()
    }


def _compare_versions(packages: Mapping[str, str], tree: Tree) -> Iterator[str]:
    """Return each package whose version is not pinned for any environment, as a sentence."""
    content = tree.read(CONSTRAINTS)
    if isinstance(content, Unreadable):
        return
    pins: dict[str, list[str]] = {}
    for name, version in _PIN.findall(content.decode(errors="replace")):
        pins.setdefault(_normalise(name), []).append(version)
    for name, version in sorted(packages.items()):
        pinned = pins.get(_normalise(name), [version])
        if version not in pinned:
            shown = ", ".join(pinned)
            yield f"the eval ran with {name} {version}, but `{CONSTRAINTS}` pins {shown}"


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class _FileFinder:
    """Finds the files that match patterns, without following links to folders.

    `*`, `?` and `[…]` match part of a name, `**` any number of folders. Names that begin with a dot
    and `__pycache__` match only if the pattern spells them out.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._entries_left = MAX_ENTRIES

    def find(self, patterns: list[str]) -> set[str] | None:
        """Return the files by path from the top; None if there are too many to search."""
        files = {path for pattern in patterns for path in self._match(pattern)}
        return files if self._entries_left > 0 else None

    def _match(self, pattern: str) -> Iterator[str]:
        """Return the files that match a pattern, without recursion: folders can be deep."""
        if len(pattern) > _MAX_PATTERN:
            return  # no path is that long
        parts = pattern.split("/")
        waiting = [("", 0)]  # folders, each with the index of the pattern part to match in it
        while waiting:
            folder, at = waiting.pop()
            last = at == len(parts) - 1
            if parts[at] == "**":
                waiting.append((folder, at + 1))
                entries = self._list_entries(folder)
                waiting += [
                    (f"{folder}{name}/", at) for name, kind in entries if kind == stat.S_IFDIR
                ]
            elif not _WILD.search(parts[at]):
                place = folder + parts[at]
                if not last:
                    waiting.append((f"{place}/", at + 1))
                elif self._is_file(place):
                    yield place
            else:
                for name, kind in self._list_entries(folder):
                    if not fnmatchcase(name, parts[at]):
                        continue
                    if last and (kind == stat.S_IFREG or self._is_file(folder + name)):
                        yield folder + name
                    elif not last and kind == stat.S_IFDIR:
                        waiting.append((f"{folder}{name}/", at + 1))

    def _is_file(self, path: str) -> bool:
        """Whether a path is a file, or a link that leads out, which then can't be compared."""
        return self._tree.is_file(path) or self._tree.leads_out(path)

    def _list_entries(self, folder: str) -> Iterator[tuple[str, int]]:
        with suppress(OSError):  # a folder without permission to list it
            for name, kind in self._tree.list_folder(folder or "."):
                self._entries_left -= 1
                if self._entries_left <= 0:
                    return
                if not name.startswith(".") and name != "__pycache__":
                    yield name, kind
