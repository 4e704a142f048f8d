"""Merging whole repositories: three trees of files in, the files that change and a report out."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path, PurePosixPath

from mlcharter.support import files
from mlcharter.update.merging import documents, textfiles, yaml_keys
from mlcharter.update.merging.documents import Versions
from mlcharter.update.merging.renames import Renames

LINK, PLAIN, PROGRAM = 0o120000, 0o100644, 0o100755


@dataclass(frozen=True)
class File:
    """A file's bytes and Git's mode for it; the bytes of a link are its target."""

    data: bytes
    mode: int = PLAIN

    @property
    def text(self) -> str | None:
        """Its text; None for a link and for what is not UTF-8 text."""
        if self.mode == LINK or b"\0" in self.data[:8000]:
            return None
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            return None


Tree = Mapping[str, File]
Look = Callable[[str], File | None]


@dataclass
class Change:
    """What becomes of one path: `new` is None where it goes; `what` and `notes` are for people.

    A conflict that stands in the file has markers; one that could not be written has `left`.
    """

    path: str
    what: str
    base: File | None = None
    theirs: File | None = None
    ours: File | None = None
    new: File | None = None
    conflict: bool = False
    left: bool = False
    notes: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    moved_from: str | None = None
    came: File | None = None  # ours, where it lay before it moved

    @property
    def written(self) -> bool:
        """Whether the file on disk is to change."""
        return self.new != self.ours


def read_tree(root: Path) -> dict[str, File]:
    """Every file below a folder, by its path with slashes; `.git` is no part of it."""
    found = {}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if ".git" in relative.parts[:1]:
            continue
        file = read_file(path)
        if file is not None:
            found[relative.as_posix()] = file
    return found


def read_file(path: Path) -> File | None:
    """A file or link on disk; None where there is nothing, or a folder.

    A pipe, a device, and a file of more than `files.LARGEST` bytes are a UserError.
    """
    if path.is_symlink():
        return File(os.fsencode(path.readlink()), LINK)
    if path.is_dir() or not path.exists():
        return None
    return File(files.whole(path), PROGRAM if path.stat().st_mode & 0o100 else PLAIN)


def merge(
    base: Tree,
    theirs: Tree,
    look: Look,
    renames: Renames | None = None,
    found: Callable[[str, File], str | None] = lambda path, file: None,
    generated: Collection[str] = (),
) -> list[Change]:
    """What becomes of each file that the template has changed, sorted by path.

    `look` reads ours; `found` says under which name the team keeps a document that it moved;
    `generated` files are the template's alone.
    """
    return _Merge(base, theirs, look, renames or Renames(), found, generated).changes()


class _Merge:
    def __init__(
        self,
        base: Tree,
        theirs: Tree,
        look: Look,
        renames: Renames,
        found: Callable[[str, File], str | None],
        generated: Collection[str],
    ) -> None:
        self.base, self.theirs, self.look = base, theirs, look
        self.renames, self.found, self.generated = renames, found, generated
        self.done: list[Change] = []
        self.documents: dict[str, tuple[Change, Versions]] = {}

    def changes(self) -> list[Change]:
        moved = _moves(self.base, self.theirs, self.renames.files)
        back = {new: old for old, new in moved.items()}
        for path in sorted(self.base.keys() | self.theirs.keys()):
            if path in moved:
                continue
            old = back.get(path, path)
            b, t = self.base.get(old), self.theirs.get(path)
            if b != t or old != path:
                self._path(path, old, b, t)
        merged = documents.merge(
            {path: versions for path, (_, versions) in self.documents.items()}, self.renames
        )
        for path, result in merged.items():
            change = self.documents[path][0]
            self._finish(change, result)
        return sorted(
            (c for c in self.done if c.written or c.notes or c.left), key=lambda c: c.path
        )

    def _path(self, path: str, old: str, b: File | None, t: File | None) -> None:
        ours = self.look(path)
        if old != path and ours is None:
            ours = self.look(old)
            if ours is not None:
                gone = Change(old, f"moved to {path}", base=b, ours=ours, new=None)
                self.done.append(gone)
        elif old != path:
            self._path(old, old, b, None)
            b = None
        if ours is None and b is not None and t is not None:
            name = self.found(path, b)
            if name is not None:
                path, ours = name, self.look(name)
        change = Change(path, "", b, t, ours, moved_from=old if old != path else None)
        self.done.append(change)
        self._decide(change)
        if change.moved_from and change.new is not None and self.look(path) is None:
            change.ours, change.came = None, change.ours  # nothing is at the new place yet
            change.what = f"moved from {old}, {change.what}" if change.what else f"moved from {old}"

    def _decide(self, change: Change) -> None:
        b, t, o = change.base, change.theirs, change.ours
        change.new = o
        if change.path in self.generated and t is not None:
            change.what, change.new = "updated", t
        elif o is None:
            if b is None:
                change.what, change.new = "new", t
                self._document(change)
            elif t is not None:
                change.notes.append("it is not here any more, so its change is not added")
        elif t is None:
            if o == b or _same_but_layout(change):
                change.what, change.new = "retired", None
            else:
                change.notes.append("the template no longer has it; yours differs and is kept")
                self._document(change)
        elif t in (o, b):
            pass
        elif o == b:
            change.what, change.new = "updated", t
            self._document(change)
        else:
            self._both(change)

    def _both(self, change: Change) -> None:
        """Both sides changed a file, or both added it."""
        b, t, o = change.base, change.theirs, change.ours
        assert t is not None and o is not None
        texts = [file.text if file else "" for file in (b, t, o)]
        if any(text is None for text in texts):
            change.conflict = True
            change.notes.append("both changed it, and it is no text; yours is untouched")
            return
        mode = t.mode if b is not None and o.mode == b.mode else o.mode
        change.what = "merged"
        if change.path.endswith(".md") and b is not None:
            change.new = File(o.data, mode)
            self._document(change)
            return
        text, conflict = textfiles.merge(texts[0] if b else None, texts[1] or "", texts[2] or "")
        if conflict and (by_key := _by_key(change.path, *texts)) is not None:
            text, conflict = by_key, False
        change.new = File(text.encode(), mode)
        change.conflict = conflict
        if conflict:
            change.notes.append("both changed the same lines" if b else "both added it")

    def _document(self, change: Change) -> None:
        """Have a Markdown file merged with the others, since sections may move between them."""
        files = (change.base, change.theirs, change.ours)
        texts = [file.text if file else "" for file in files]
        if not change.path.endswith(".md") or any(text is None for text in texts):
            return
        if change.ours is not None or "<!-- section:" in (texts[1] or ""):
            self.documents[change.path] = (change, Versions(*(text or "" for text in texts)))

    def _finish(self, change: Change, result: documents.Merged) -> None:
        if change.theirs is None:
            self._left(change, result)
            return
        mode = (change.new or change.theirs).mode
        change.new = File(result.text.encode(), mode)
        change.conflict = result.conflict
        change.sections, change.notes = result.changes, change.notes + result.notes

    def _left(self, change: Change, result: documents.Merged) -> None:
        """A document that the template gave up: what did not move elsewhere is ours to keep."""
        assert change.ours is not None
        if not result.moved:
            return
        change.sections, change.what = result.changes, "moved to other documents"
        change.notes = result.notes
        change.new = File(result.text.encode(), change.ours.mode) if result.text.strip() else None


def _same_but_layout(change: Change) -> bool:
    """Whether the document that we have differs from the template's in its layout alone."""
    texts = [file.text if file else None for file in (change.base, change.ours)]
    if not change.path.endswith(".md") or texts[0] is None or texts[1] is None:
        return False
    return documents.same_but_layout(texts[0], texts[1])


def _by_key(path: str, base: str | None, theirs: str | None, ours: str | None) -> str | None:
    """A YAML file merged by key, for one that a formatter has laid out; None if that clashes."""
    if not path.endswith((".yml", ".yaml")) or not (base and theirs and ours) or "\r" in ours:
        return None
    merged = yaml_keys.by_key(base, theirs, ours)
    if merged is None or merged.conflict or not documents.kept(base, ours, merged.text):
        return None
    return merged.text


def _moves(base: Tree, theirs: Tree, declared: Mapping[str, str]) -> dict[str, str]:
    """Old path → new path of the files that the template moved: declared, equal, or alike."""
    gone = [path for path in base if path not in theirs]
    come = [path for path in theirs if path not in base]
    moves = {old: declared[old] for old in gone if declared.get(old) in theirs}
    come = [path for path in come if path not in moves.values()]
    by_data: dict[bytes, list[str]] = {}
    for path in come:
        by_data.setdefault(theirs[path].data, []).append(path)
    for old in gone:
        same = by_data.get(base[old].data, [])
        if old not in moves and same and base[old].data:
            moves[old] = same.pop(0)
    taken = set(moves.values())
    for old in gone:
        if old in moves:
            continue
        rest = [p for p in come if p not in taken and _kind(p) == _kind(old)]
        best = max(rest, key=lambda path: _share(base[old], theirs[path]), default=None)
        if best is not None and _share(base[old], theirs[best]) >= 0.6:
            moves[old] = best
            taken.add(best)
    return moves


def _kind(path: str) -> str:
    return PurePosixPath(path).suffix or PurePosixPath(path).name


def _share(one: File, two: File) -> float:
    """How many of their lines two files share, from 0 to 1."""
    a, b = one.data.splitlines(), two.data.splitlines()
    if not a or not b:
        return 0.0
    upper = 2 * len(set(a) & set(b)) / (len(set(a)) + len(set(b)))
    return upper if upper < 0.6 else SequenceMatcher(None, a, b, autojunk=False).ratio()
