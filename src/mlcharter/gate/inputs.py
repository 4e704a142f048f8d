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
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from mlcharter.charter.keeping import RELEASED
from mlcharter.formats.report import InputBlock, Inputs, Report
from mlcharter.markdown import document
from mlcharter.support import reading
from mlcharter.support.reading import Unreadable

FIXTURES = "known_bad"  # folders of reports of broken variants, on which tests try the gates
CONSTRAINTS = "constraints.txt"
MOST = 50_000  # files and folders that are looked at for one report
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;#]+)", re.M)
_WILD = re.compile(r"[*?[]")
_ABSENT = "it does not name its inputs, so nothing can be compared"


def stale(report: Report, path: Path, root: Path) -> str | None:
    """Return why the report at `path` may not decide about the repository at `root`.

    None where its inputs are unchanged. Two kinds of reports are about another state on purpose,
    and are never stale: those of a release, and the fixtures of tests.
    """
    place = Path(os.path.relpath(path.absolute(), root.absolute())).as_posix()
    if place.startswith(f"{RELEASED}/") or path.absolute().parent.name == FIXTURES:
        return None
    if report.inputs is None:
        return f"{_ABSENT}; {_again('eval', root)}"
    if found := list(changed(report.inputs, root)):
        others = f" ({len(found) - 1} more)" if len(found) > 1 else ""
        return f"{found[0]}{others}; {_again('eval', root)}"
    if other := next(_other_versions(report.run.packages, root), None):
        return f"{other}; {_again('setup eval', root)}"
    return None


def _again(targets: str, root: Path) -> str:
    """What to do about a stale report; a repository of another layout has no Makefile."""
    made = reading.lies("Makefile", root)
    return f"run `make {targets}`" if made else "run the eval again where its code is"


def changed(inputs: Inputs, root: Path) -> Iterator[str]:
    """Each input that is not what it was when the eval ran, as a sentence."""
    now = _Finder(root).files(inputs.patterns)
    if now is None:
        yield f"its inputs are more than {MOST} files"
        return
    for path in sorted({*now, *inputs.files}):
        if path not in inputs.files:
            yield f"`{path}` is new since the eval ran"
        elif path not in now:
            yield f"`{path}` is gone since the eval ran"
        elif (problem := _differs(path, inputs.files[path], root)) is not None:
            yield f"`{path}` {problem}"
    for block in inputs.blocks:
        if (problem := _block_differs(block, root)) is not None:
            yield f"the config block `{block.kind}` of `{block.document}` {problem}"


_CHANGED = "changed since the eval ran"


def _differs(path: str, sha256: str, root: Path) -> str | None:
    found = reading.digests(path, root)
    if isinstance(found, Unreadable):
        return found.message.partition(";")[0]
    return None if found.text == sha256 else _CHANGED


def _block_differs(block: InputBlock, root: Path) -> str | None:
    read = document.read(block.document, root)
    if isinstance(read, Unreadable):
        return f"is not there: the document {read.message.partition(';')[0]}"
    texts = [contract.text for contract in read.contracts if contract.kind == block.kind]
    if not texts:
        return "is gone since the eval ran"
    text = "".join(texts).replace("\r\n", "\n")
    return None if hashlib.sha256(text.encode()).hexdigest() == block.sha256 else _CHANGED


def _other_versions(packages: Mapping[str, str], root: Path) -> Iterator[str]:
    """Each package whose version is not one that is pinned, whatever the environment."""
    content = reading.read_bytes(CONSTRAINTS, root)
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

    def __init__(self, root: Path) -> None:
        self._root = root
        self._left = MOST

    def files(self, patterns: list[str]) -> set[str] | None:
        """The files by path from the top; None where they are too many to look at."""
        found = {
            path for pattern in patterns for path in self._expanded("", tuple(pattern.split("/")))
        }
        return found if self._left > 0 else None

    def _expanded(self, folder: str, parts: tuple[str, ...]) -> Iterator[str]:
        """The files below a folder that the parts of a pattern mean."""
        first, *rest = parts
        if first == "**":
            yield from self._expanded(folder, tuple(rest))
            for entry in self._entries(folder):
                if entry.is_dir(follow_symlinks=False):
                    yield from self._expanded(f"{folder}{entry.name}/", parts)
        elif not _WILD.search(first):
            if rest:
                yield from self._expanded(f"{folder}{first}/", tuple(rest))
            elif (self._root / folder / first).is_file():
                yield folder + first
        else:
            for entry in self._entries(folder):
                if not fnmatchcase(entry.name, first):
                    continue
                if not rest and entry.is_file():
                    yield folder + entry.name
                elif rest and entry.is_dir(follow_symlinks=False):
                    yield from self._expanded(f"{folder}{entry.name}/", tuple(rest))

    def _entries(self, folder: str) -> Iterator[os.DirEntry[str]]:
        place = reading.inside(folder.rstrip("/") or ".", str(self._root))
        if place is None:
            return
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    self._left -= 1
                    if self._left <= 0:
                        return
                    if not entry.name.startswith(".") and entry.name != "__pycache__":
                        yield entry
        except OSError:
            return
