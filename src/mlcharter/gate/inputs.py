"""Whether a report is stale: whether what it was made from is still what the repository holds.

A report names its inputs (src/<package>/inputs.py in a generated repository): patterns of files,
each file that they meant with its digest, and the text of the config blocks that the eval reads.
Here all of that is computed again; no code of the repository runs.
The thresholds of gates are no input, and neither are commit ids.

Which package versions a run would use cannot be told without running something. They are
compared with constraints.txt, from which `make setup` installs; without it, they are not compared.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from mlcharter.charter.released_files import RELEASED
from mlcharter.formats.report import InputBlock, Inputs, Report
from mlcharter.markdown import document
from mlcharter.support.files import Folder, Tree, Unreadable

FIXTURES = "known_bad"  # folders of reports of broken variants, on which tests try the gates
CONSTRAINTS = "constraints.txt"
MOST = 50_000  # files and folders that are looked at for one report
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;#]+)", re.M)
_LONGEST_PATTERN = 4096  # characters; Linux has no longer paths
_WILD = re.compile(r"[*?[]")
_ABSENT = "it does not name its inputs, so nothing can be compared"


def stale(report: Report, path: Path, tree: Folder) -> str | None:
    """Return why the report at `path` may not decide about a repository.

    None where its inputs are unchanged. Two kinds of reports are about another state on purpose,
    and are never stale: those of a release, and the fixtures of tests.
    """
    place = Path(os.path.relpath(path.absolute(), Path(tree.root).absolute())).as_posix()
    if place.startswith(f"{RELEASED}/") or path.absolute().parent.name == FIXTURES:
        return None
    if report.inputs is None:
        return f"{_ABSENT}; {_again('eval', tree)}"
    if found := list(changed(report.inputs, tree)):
        others = f" ({len(found) - 1} more)" if len(found) > 1 else ""
        return f"{found[0]}{others}; {_again('eval', tree)}"
    if other := next(_other_versions(report.run.packages, tree), None):
        return f"{other}; {_again('setup eval', tree)}"
    return None


def _again(targets: str, tree: Tree) -> str:
    """What to do about a stale report; a repository of another layout has no Makefile."""
    made = tree.lexists("Makefile")
    return f"run `make {targets}`" if made else "run the eval again where its code is"


def changed(inputs: Inputs, tree: Tree) -> Iterator[str]:
    """Each input that is not what it was when the eval ran, as a sentence."""
    now = _Finder(tree).files(inputs.patterns)
    if now is None:
        yield f"its patterns look at more than {MOST} files; name a manifest of the data instead"
        return
    current = _Current(tree)
    for path in sorted({*now, *inputs.files}):
        if path not in inputs.files:
            yield f"`{path}` is new since the eval ran"
        elif path not in now:
            yield f"`{path}` is gone since the eval ran"
        elif (problem := current.differs(path, inputs.files[path])) is not None:
            yield f"`{path}` {problem}"
    for block in inputs.blocks:
        if (problem := current.block_differs(block)) is not None:
            yield f"the config block `{block.kind}` of `{block.document}` {problem}"


_CHANGED = "changed since the eval ran"


class _Current:
    """What is in the repository now. A file is read once, by however many links it is named."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._blocks: dict[str, dict[str, str] | Unreadable] = {}

    def differs(self, path: str, sha256: str) -> str | None:
        """How a file differs from its digest; None if it does not."""
        found = self._tree.digests(path)
        if isinstance(found, Unreadable):
            return found.message.partition(";")[0]
        return None if found.text == sha256 else _CHANGED

    def block_differs(self, block: InputBlock) -> str | None:
        """How the config blocks of a kind differ from their digest; None if they do not."""
        place = self._tree.real(block.document)
        if place not in self._blocks:
            self._blocks[place] = _block_digests(block.document, self._tree)
        found = self._blocks[place]
        if isinstance(found, Unreadable):
            return f"is not there: the document {found.message.partition(';')[0]}"
        if block.kind not in found:
            return "is gone since the eval ran"
        return None if found[block.kind] == block.sha256 else _CHANGED


def _block_digests(path: str, tree: Tree) -> dict[str, str] | Unreadable:
    """The digest of the text of all config blocks of each kind in a document."""
    read = document.read(path, tree)
    if isinstance(read, Unreadable):
        return read
    texts: dict[str, list[str]] = {}
    for config in read.configs:
        texts.setdefault(config.kind, []).append(config.text.replace("\r\n", "\n"))
    return {
        kind: hashlib.sha256("".join(parts).encode()).hexdigest() for kind, parts in texts.items()
    }


def _other_versions(packages: Mapping[str, str], tree: Tree) -> Iterator[str]:
    """Each package whose version is not one that is pinned, whatever the environment."""
    content = tree.read(CONSTRAINTS)
    if isinstance(content, Unreadable):
        return
    pins: dict[str, list[str]] = {}
    for name, version in _PIN.findall(content.decode(errors="replace")):
        pins.setdefault(_normalised(name), []).append(version)
    for name, version in sorted(packages.items()):
        pinned = pins.get(_normalised(name), [version])
        if version not in pinned:
            yield f"the eval ran with {name} {version}, `{CONSTRAINTS}` pins {', '.join(pinned)}"


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class _Finder:
    """Finds the files that patterns mean, without following links to folders.

    `*`, `?` and `[…]` stand for a part of a name, `**` for any number of folders.
    Names that begin with a dot, and what Python caches, are left out unless they are spelled out.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._left = MOST

    def files(self, patterns: list[str]) -> set[str] | None:
        """The files by path from the top; None where they are too many to look at."""
        found = {path for pattern in patterns for path in self._meant(pattern)}
        return found if self._left > 0 else None

    def _meant(self, pattern: str) -> Iterator[str]:
        """The files that a pattern means, without recursion: folders can be nested deeply."""
        if len(pattern) > _LONGEST_PATTERN:
            return  # no path is that long
        parts = pattern.split("/")
        waiting = [("", 0)]  # folders, each with the part of the pattern that is next there
        while waiting:
            folder, at = waiting.pop()
            last = at == len(parts) - 1
            if parts[at] == "**":
                waiting.append((folder, at + 1))
                entries = self._entries(folder)
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
                for name, kind in self._entries(folder):
                    if not fnmatchcase(name, parts[at]):
                        continue
                    if last and (kind == stat.S_IFREG or self._is_file(folder + name)):
                        yield folder + name
                    elif not last and kind == stat.S_IFDIR:
                        waiting.append((f"{folder}{name}/", at + 1))

    def _is_file(self, path: str) -> bool:
        """Whether a path leads to a file, also to one outside, which then can't be compared."""
        return self._tree.is_file(path) or self._tree.leads_out(path)

    def _entries(self, folder: str) -> Iterator[tuple[str, int]]:
        with suppress(OSError):  # a folder that nobody may list
            for name, kind in self._tree.list_folder(folder or "."):
                self._left -= 1
                if self._left <= 0:
                    return
                if not name.startswith(".") and name != "__pycache__":
                    yield name, kind
