"""Merge whole repositories: three trees of files into a list of changes."""

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
        """Return its text; None for a link, and for a file that is not UTF-8 text."""
        if self.mode == LINK or b"\0" in self.data[:8000]:
            return None
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            return None


Tree = Mapping[str, File]
ReadFile = Callable[[str], File | None]


@dataclass
class Change:
    """The change of one path; `new` is None if the file is removed.

    `action`, `notes` and `sections` are for the user. A conflict is written with markers; `left`
    means that the file is not changed and the user has to act.
    """

    path: str
    action: str
    base: File | None = None
    theirs: File | None = None
    ours: File | None = None
    new: File | None = None
    conflict: bool = False
    left: bool = False
    notes: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    moved_from: str | None = None
    ours_before_move: File | None = None

    @property
    def written(self) -> bool:
        """Return whether the update changes the file on disk."""
        return self.new != self.ours


def read_tree(root: Path) -> dict[str, File]:
    """Return every file below a folder except `.git`, by its path with slashes."""
    tree = {}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if ".git" in relative.parts[:1]:
            continue
        file = read_file(path)
        if file is not None:
            tree[relative.as_posix()] = file
    return tree


def read_file(path: Path) -> File | None:
    """Return a file or link on disk; None if there is none, or a folder.

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
    read_ours: ReadFile,
    renames: Renames | None = None,
    find_renamed: Callable[[str, File], str | None] = lambda path, file: None,
    generated: Collection[str] = (),
) -> list[Change]:
    """Return a change for each file that the template has changed, sorted by path.

    `find_renamed` returns the present path of a document that the team has moved. `generated` files
    are overwritten.
    """
    return _Merge(base, theirs, read_ours, renames or Renames(), find_renamed, generated).run()


@dataclass
class _Merge:
    base: Tree
    theirs: Tree
    read_ours: ReadFile
    renames: Renames
    find_renamed: Callable[[str, File], str | None]
    generated: Collection[str]
    changes: list[Change] = field(default_factory=list)
    collected: dict[str, tuple[Change, Versions]] = field(default_factory=dict)

    def run(self) -> list[Change]:
        moved = _find_moves(self.base, self.theirs, self.renames.files)
        back = {new: old for old, new in moved.items()}
        for path in sorted(self.base.keys() | self.theirs.keys()):
            if path in moved:
                continue
            old = back.get(path, path)
            b, t = self.base.get(old), self.theirs.get(path)
            if b != t or old != path:
                self._merge_path(path, old, b, t)
        merged = documents.merge(
            {path: versions for path, (_, versions) in self.collected.items()}, self.renames
        )
        for path, result in merged.items():
            self._finish(self.collected[path][0], result)
        return sorted(
            (c for c in self.changes if c.written or c.notes or c.left), key=lambda c: c.path
        )

    def _merge_path(self, path: str, old: str, b: File | None, t: File | None) -> None:
        ours = self.read_ours(path)
        if old != path and ours is None:
            ours = self.read_ours(old)
            if ours is not None:
                removed = Change(old, f"moved to {path}", base=b, ours=ours, new=None)
                self.changes.append(removed)
        elif old != path:
            self._merge_path(old, old, b, None)
            b = None
        if ours is None and b is not None and t is not None:
            name = self.find_renamed(path, b)
            if name is not None:
                path, ours = name, self.read_ours(name)
        change = Change(path, "", b, t, ours, moved_from=old if old != path else None)
        self.changes.append(change)
        self._decide(change)
        if change.moved_from and change.new is not None and self.read_ours(path) is None:
            change.ours, change.ours_before_move = None, change.ours
            change.action = (
                f"moved from {old}, {change.action}" if change.action else f"moved from {old}"
            )

    def _decide(self, change: Change) -> None:
        b, t, o = change.base, change.theirs, change.ours
        change.new = o
        if change.path in self.generated and t is not None:
            change.action, change.new = "updated", t
        elif o is None:
            if b is None:
                change.action, change.new = "new", t
                self._collect_document(change)
            elif t is not None:
                change.notes.append("it is no longer here, so the template's change is not added")
        elif t is None:
            if o == b or _same_but_layout(change):
                change.action, change.new = "removed", None
            else:
                change.notes.append("the template removed it; yours has changes and is kept")
                self._collect_document(change)
        elif t in (o, b):
            pass
        elif o == b:
            change.action, change.new = "updated", t
            self._collect_document(change)
        else:
            self._merge_both(change)

    def _merge_both(self, change: Change) -> None:
        """Merge a file that both sides changed, or both added."""
        b, t, o = change.base, change.theirs, change.ours
        assert t is not None and o is not None
        texts = [file.text if file else "" for file in (b, t, o)]
        if any(text is None for text in texts):
            change.conflict = True
            change.notes.append("both sides changed it, and it is not text; yours is kept")
            return
        mode = t.mode if b is not None and o.mode == b.mode else o.mode
        change.action = "merged"
        if change.path.endswith(".md") and b is not None:
            change.new = File(o.data, mode)
            self._collect_document(change)
            return
        text, conflict = textfiles.merge(texts[0] if b else None, texts[1] or "", texts[2] or "")
        if conflict and (by_key := _merge_yaml(change.path, *texts)) is not None:
            text, conflict = by_key, False
        change.new = File(text.encode(), mode)
        change.conflict = conflict
        if conflict:
            change.notes.append("both sides changed the same lines" if b else "both sides added it")

    def _collect_document(self, change: Change) -> None:
        """Collect a Markdown file for the merge of all, since sections may move between them."""
        files = (change.base, change.theirs, change.ours)
        texts = [file.text if file else "" for file in files]
        if not change.path.endswith(".md") or any(text is None for text in texts):
            return
        if change.ours is not None or "<!-- section:" in (texts[1] or ""):
            self.collected[change.path] = (change, Versions(*(text or "" for text in texts)))

    def _finish(self, change: Change, result: documents.Merged) -> None:
        if change.theirs is None:
            self._finish_removed(change, result)
            return
        mode = (change.new or change.theirs).mode
        change.new = File(result.text.encode(), mode)
        change.conflict = result.conflict
        change.sections, change.notes = result.changes, change.notes + result.notes

    def _finish_removed(self, change: Change, result: documents.Merged) -> None:
        """Finish a document that the template removed: sections that did not move are kept."""
        assert change.ours is not None
        if not result.moved:
            return
        change.sections, change.action = result.changes, "moved to other documents"
        change.notes = result.notes
        change.new = File(result.text.encode(), change.ours.mode) if result.text.strip() else None


def _same_but_layout(change: Change) -> bool:
    """Return whether our document differs from the template's only in its layout."""
    texts = [file.text if file else None for file in (change.base, change.ours)]
    if not change.path.endswith(".md") or texts[0] is None or texts[1] is None:
        return False
    return documents.same_but_layout(texts[0], texts[1])


def _merge_yaml(path: str, base: str | None, theirs: str | None, ours: str | None) -> str | None:
    """Return a YAML file merged by key, for reformatted files; None if that conflicts."""
    if not path.endswith((".yml", ".yaml")) or not (base and theirs and ours) or "\r" in ours:
        return None
    merged = yaml_keys.merge_by_key(base, theirs, ours)
    if merged is None or merged.conflict or not documents.keeps_words(base, ours, merged.text):
        return None
    return merged.text


def _find_moves(base: Tree, theirs: Tree, declared: Mapping[str, str]) -> dict[str, str]:
    """Return the new path of each file that the template moved: declared, equal, or similar."""
    removed = [path for path in base if path not in theirs]
    added = [path for path in theirs if path not in base]
    moves = {old: declared[old] for old in removed if declared.get(old) in theirs}
    added = [path for path in added if path not in moves.values()]
    by_data: dict[bytes, list[str]] = {}
    for path in added:
        by_data.setdefault(theirs[path].data, []).append(path)
    for old in removed:
        same = by_data.get(base[old].data, [])
        if old not in moves and same and base[old].data:
            moves[old] = same.pop(0)
    taken = set(moves.values())
    for old in removed:
        if old in moves:
            continue
        rest = [p for p in added if p not in taken and _file_type(p) == _file_type(old)]
        best = max(rest, key=lambda path: _measure_overlap(base[old], theirs[path]), default=None)
        if best is not None and _measure_overlap(base[old], theirs[best]) >= 0.6:
            moves[old] = best
            taken.add(best)
    return moves


def _file_type(path: str) -> str:
    return PurePosixPath(path).suffix or PurePosixPath(path).name


def _measure_overlap(one: File, two: File) -> float:
    """Return the share of lines that two files have in common, from 0 to 1."""
    a, b = one.data.splitlines(), two.data.splitlines()
    if not a or not b:
        return 0.0
    upper = 2 * len(set(a) & set(b)) / (len(set(a)) + len(set(b)))
    return upper if upper < 0.6 else SequenceMatcher(None, a, b, autojunk=False).ratio()
