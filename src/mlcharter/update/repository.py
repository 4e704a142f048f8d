"""The working tree that an update or an adoption changes, and the Git repository round it."""

import shlex
from functools import cached_property
from pathlib import Path

from mlcharter.markdown import document
from mlcharter.support import git, writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.update.merging.trees import Change, File, read_file
from mlcharter.update.sparse import Sparse


class Repository:
    """A folder inside a Git repository, perhaps one package of many."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise UserError(f"{root} is not a folder", hint="name the folder of a repository")
        self.root = root.resolve()
        top = _top(self.root, root)
        if not self.root.is_relative_to(Path(top).resolve()):
            raise UserError(
                f"{root} is in a Git repository whose work tree is elsewhere: {top}",
                hint="look at `git config core.worktree` there",
            )
        self.prefix = (git.output("rev-parse", "--show-prefix", cwd=self.root) or "").strip()
        self.sparse = Sparse(self.root, self.prefix)

    @cached_property
    def journal(self) -> Path:
        """Where an update of this folder is written down: in `.git`, out of sight."""
        found = git.required_output(
            "rev-parse", "--absolute-git-dir", cwd=self.root, hint="is Git there?"
        )
        name = self.prefix.strip("/").replace("%", "%25").replace("/", "%2F") or "root"
        return Path(found) / "mlcharter" / name

    @cached_property
    def born(self) -> bool:
        """Whether it has a commit."""
        return git.output("rev-parse", "--verify", "--quiet", "HEAD", cwd=self.root) is not None

    def dirty(self) -> set[str]:
        """The paths here that differ from the last commit, new ones too, but not ignored ones."""
        words = ("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames")
        listed = git.exact_output(*words, *_NO_SUBMODULES, "--", ".", cwd=self.root, hint=_BROKEN)
        entries = [entry for entry in listed.split("\0") if entry]
        return {entry[3:].removeprefix(self.prefix) for entry in entries}

    def refuse_unmerged(self) -> None:
        """Refuse to start in the middle of another merge."""
        words = ("ls-files", "--unmerged", "--", ".")
        if git.required_output(*words, cwd=self.root, hint=_BROKEN):
            raise UserError(
                "there are conflicts from an earlier merge or update",
                hint="resolve and commit them, or run `mlcharter update --abort`",
            )

    def refuse_dirty(self, written: set[str], allow: bool) -> None:
        """Refuse to write beside edits that are not committed; with `allow`, only over them.

        Before the first commit everything is uncommitted, and the journal alone must do.
        """
        if not self.born:
            return
        dirty = sorted(self.dirty())
        if allow and (both := sorted(written & set(dirty))):
            raise UserError(
                f"{both[0]} has changes that are not committed, and the update changes it too",
                hint="commit or stash it first",
            )
        if dirty and not allow:
            shown = ", ".join(dirty[:3]) + (", …" if len(dirty) > 3 else "")
            raise UserError(
                f"there are changes that are not committed: {shown}",
                hint="commit or stash them, or add --allow-dirty if the update leaves them alone",
            )

    def refuse_committed(self, paths: set[str]) -> None:
        """Refuse to take back what Git holds already: nothing of it is uncommitted any more."""
        if self.born and not paths & (self.dirty() | self.ignored(sorted(paths))):
            raise UserError(
                "nothing of the last update is uncommitted",
                hint="if it was committed, run `git revert` on that commit",
            )

    def look(self, path: str) -> File | None:
        """One of the files here, also one that a sparse checkout leaves out.

        None where it is not, or where a link or a file is in the way.
        """
        if self._blocked(path):
            return None
        return read_file(self.root / path) or self.sparse.file(path)

    def taken(self, path: str) -> bool:
        """Whether something is at a path, or in its way."""
        return self._blocked(path) is not None or self.look(path) is not None

    def files(self) -> list[str]:
        """The paths here that Git tracks, else those that it would; sorted.

        What lies beside tracked files is none of the repository yet, and may be many.
        """
        for words in (("--cached",), ("--others", "--exclude-standard")):
            words = ("ls-files", "-z", *words, "--", ".")
            listed = git.exact_output(*words, cwd=self.root, hint=_BROKEN)
            if listed:
                return sorted({path for path in listed.split("\0") if path})
        return []

    def ignored(self, paths: list[str]) -> set[str]:
        """Those of the paths that Git is told to ignore and does not track."""
        if not paths:
            return set()
        listed = git.exact_output(
            *("check-ignore", "-z", "--stdin"),
            cwd=self.root,
            text="\0".join(paths),
            hint=_BROKEN,
            codes=(0, 1),  # 1 means none of them
        )
        return {path for path in listed.split("\0") if path}

    def moved_document(self, path: str, file: File) -> str | None:
        """Where a document is that the team renamed: one with half of its section ids or more."""
        wanted = _sections(file.text or "")
        if not wanted or not path.endswith(".md"):
            return None
        best: tuple[int, str] | None = None
        for name, ids in self._documents.items():
            shared = len(wanted & ids)
            if 2 * shared >= len(wanted) and (best is None or shared > best[0]):
                best = (shared, name)
        return best[1] if best else None

    @cached_property
    def _documents(self) -> dict[str, set[str]]:
        listed = git.output("ls-files", "-z", "--", "*.md", cwd=self.root) or ""
        tree = Folder(self.root)
        found = {}
        for name in listed.split("\0"):
            data = tree.read(name) if name else b""
            if isinstance(data, bytes) and (ids := _sections(File(data).text or "")):
                found[name] = ids
        return found

    def settle(self, changes: list[Change]) -> None:
        """Leave alone what can't be written in its place, and what Git could not bring back."""
        clashing = [c.path for c in changes if c.conflict and c.base is None and c.ours]
        ignored = self.ignored(clashing)
        for change in changes:
            reason = None
            if change.path in ignored:
                reason = "yours is ignored by Git and stays; the template now has such a file too"
            elif (change.new or change.theirs) and (place := self._blocked(change.path)):
                reason = f"{place} is in the way"
            if reason is not None:
                change.new, change.left, change.notes = change.ours, True, [reason]

    def _blocked(self, path: str) -> str | None:
        """What stands where a folder of the path should be, or where the file should be one."""
        place = self.root
        parts = Path(path).parts
        for part in parts[:-1]:
            place = place / part
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                return place.relative_to(self.root).as_posix()
        place = place / parts[-1]
        plain = place.is_symlink() or place.is_file() or not place.exists()
        return None if plain else path

    def conflicts(self, changes: list[Change]) -> str:
        """What to tell the index about changes that conflict, as a merge by Git would."""
        lines = ""
        for change in changes:
            path = self.prefix + change.path
            lines += f"0 {'0' * 40}\t{path}\0"
            versions = (change.base, change.ours or change.came, change.theirs)
            for stage, file in enumerate(versions, 1):
                if file is not None:
                    lines += f"{file.mode:o} {self._stored(file)} {stage}\t{path}\0"
        return lines

    def unmerge(self, lines: str) -> None:
        """Record conflicts in the index."""
        if lines:
            words = ("update-index", "-z", "--index-info")
            git.required_output(*words, cwd=self.root, text=lines, hint=_INDEX)

    def _stored(self, file: File) -> str:
        blob = self.journal / "blob"
        writing.replace(self.journal.parents[1], f"mlcharter/{blob.parent.name}/blob", file.data)
        return git.required_output(
            "hash-object", "-w", "--no-filters", str(blob), cwd=self.root, hint=_INDEX
        )

    def forget_conflicts(self) -> None:
        """Let the index hold what HEAD has for every path that is unmerged."""
        words = ("diff", "--name-only", "--no-ext-diff", "--no-textconv", "--diff-filter=U", "-z")
        listed = git.output(*words, *_NO_SUBMODULES, cwd=self.root) or ""
        paths = [f":/{path}" for path in listed.split("\0") if path]
        if paths and self.born:
            git.run("reset", "--quiet", "--", *paths, cwd=self.root)
        elif paths:
            git.run("rm", "--quiet", "--cached", "--", *paths, cwd=self.root)


def _top(root: Path, shown: Path) -> str:
    """The top of the work tree that a folder is in; a UserError says what stops Git."""
    done = git.run("rev-parse", "--show-toplevel", cwd=root)
    if done.returncode == 0:
        return done.stdout.rstrip("\n")
    reason = git.reason(done)
    if (command := git.trust_command(reason)) is not None:
        raise UserError(
            f"{shown} is in a Git repository of another user",
            hint=f"if you trust it, run `{command}`, then try again",
        )
    if "not a git repository" in reason or reason == "git is not installed":
        raise UserError(
            f"{shown} is not in a Git repository",
            hint="run `git init` and commit, so that nothing can get lost",
        )
    bare = "clone it, and name the clone"
    status = f"look at `git -C {shlex.quote(str(shown))} status`"
    raise UserError(
        f"Git can't use {shown}: {reason}", hint=bare if "bare repository" in reason else status
    )


# Git would start itself in each submodule, under the configuration that is there.
_NO_SUBMODULES = ("--ignore-submodules=all",)
_BROKEN = "look at `git status` there"
_INDEX = "the files are merged; run `git add` on those that you have resolved"


def _sections(text: str) -> set[str]:
    if "<!-- section:" not in text:
        return set()
    return {section.id for section in document.parse(text).sections if section.id}
