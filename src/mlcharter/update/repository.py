"""Read and check the working tree that an update or an adoption changes, and its Git index."""

import shlex
from collections.abc import Callable, Mapping
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
        top = _find_top(self.root, root)
        if not self.root.is_relative_to(Path(top).resolve()):
            raise UserError(
                f"{root} is in a Git repository whose work tree is elsewhere: {top}",
                hint="look at `git config core.worktree` there",
            )
        self.prefix = (git.output("rev-parse", "--show-prefix", cwd=self.root) or "").strip()
        self.sparse = Sparse(self.root, self.prefix)

    @cached_property
    def journal(self) -> Path:
        """Return the folder of the journal: in `.git`, where it is not part of the tree."""
        folder = git.required_output(
            "rev-parse", "--absolute-git-dir", cwd=self.root, hint="is Git installed?"
        )
        name = self.prefix.strip("/").replace("%", "%25").replace("/", "%2F") or "root"
        return Path(folder) / "mlcharter" / name

    @cached_property
    def has_commits(self) -> bool:
        """Return whether the repository has a commit."""
        return git.output("rev-parse", "--verify", "--quiet", "HEAD", cwd=self.root) is not None

    def find_dirty(self) -> set[str]:
        """Return the paths that differ from the last commit, new ones too, but not ignored ones."""
        args = ("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames")
        listed = git.exact_output(*args, *_NO_SUBMODULES, "--", ".", cwd=self.root, hint=_BROKEN)
        entries = [entry for entry in listed.split("\0") if entry]
        return {entry[3:].removeprefix(self.prefix) for entry in entries}

    def refuse_unmerged(self) -> None:
        """Refuse a repository with an unfinished merge."""
        args = ("ls-files", "--unmerged", "--", ".")
        if git.required_output(*args, cwd=self.root, hint=_BROKEN):
            raise UserError(
                "there are conflicts from an earlier merge or update",
                hint="resolve and commit them, or run `mlcharter update --abort`",
            )

    def refuse_dirty(self, written: set[str], allow: bool | None) -> None:
        """Refuse uncommitted changes; with `allow`, only those in files that are written.

        It is None if the command has no option for that.

        Before the first commit everything is uncommitted, and only the journal protects it; a
        command without that option then refuses to start.
        """
        if not self.has_commits and allow is None:
            raise UserError(
                "there is no commit yet, so Git could not bring back what is replaced",
                hint="commit first: `git add -A`, then `git commit`",
            )
        if not self.has_commits:
            return
        dirty = sorted(self.find_dirty())
        if allow and (both := sorted(written & set(dirty))):
            raise UserError(
                f"{both[0]} has uncommitted changes, and the update changes it too",
                hint="commit or stash it first",
            )
        if dirty and not allow:
            shown = ", ".join(dirty[:3]) + (", …" if len(dirty) > 3 else "")
            hint = "commit or stash them"
            if allow is not None:
                hint += "; `mlcharter update --allow-dirty` accepts them in other files"
            raise UserError(f"there are uncommitted changes: {shown}", hint=hint)

    def refuse_committed(self, paths: set[str]) -> None:
        """Refuse to revert an update that was committed."""
        if self.has_commits and not paths & (self.find_dirty() | self.find_ignored(sorted(paths))):
            raise UserError(
                "the last update has no uncommitted changes to revert",
                hint="if it was committed, run `git revert` on that commit",
            )

    def read(self, path: str) -> File | None:
        """Return a file of the repository, also one that a sparse checkout leaves out.

        None if it does not exist, or a link or a file is in the way.
        """
        if self._find_obstacle(path):
            return None
        return read_file(self.root / path) or self.sparse.read(path)

    def is_taken(self, path: str) -> bool:
        """Return whether something exists at a path, or in its way."""
        return self._find_obstacle(path) is not None or self.read(path) is not None

    def list_files(self) -> list[str]:
        """Return the tracked paths, sorted; if there are none, the paths that are not ignored.

        Untracked files beside tracked ones are left out: they may be many.
        """
        for options in (("--cached",), ("--others", "--exclude-standard")):
            args = ("ls-files", "-z", *options, "--", ".")
            listed = git.exact_output(*args, cwd=self.root, hint=_BROKEN)
            if listed:
                return sorted({path for path in listed.split("\0") if path})
        return []

    def find_ignored(self, paths: list[str]) -> set[str]:
        """Return those of the paths that Git ignores and does not track."""
        if not paths:
            return set()
        listed = git.exact_output(
            *("check-ignore", "-z", "--stdin"),
            cwd=self.root,
            text="\0".join(paths),
            hint=_BROKEN,
            codes=(0, 1),  # 1: none is ignored
        )
        return {path for path in listed.split("\0") if path}

    def find_renamed(self, path: str, file: File) -> str | None:
        """Return the path of a document that the team renamed."""
        return find_renamed(path, file, lambda: self._documents)

    @cached_property
    def _documents(self) -> dict[str, set[str]]:
        listed = git.output("ls-files", "-z", "--", "*.md", cwd=self.root) or ""
        tree = Folder(self.root)
        documents = {}
        for name in listed.split("\0"):
            data = tree.read(name) if name else b""
            if isinstance(data, bytes) and (ids := _find_sections(File(data).text or "")):
                documents[name] = ids
        return documents

    def resolve_obstacles(self, changes: list[Change]) -> None:
        """Drop changes whose path is blocked, and those of ignored files."""
        clashing = [c.path for c in changes if c.conflict and c.base is None and c.ours]
        ignored = self.find_ignored(clashing)
        for change in changes:
            reason = None
            if change.path in ignored:
                reason = "yours is kept, since Git ignores it; the template now has this file too"
            elif (change.new or change.theirs) and (place := self._find_obstacle(change.path)):
                reason = f"{place} is in the way"
            if reason is not None:
                change.new, change.left, change.notes = change.ours, True, [reason]

    def _find_obstacle(self, path: str) -> str | None:
        """Return what is in the way of a file: a file or link as its folder, or a folder."""
        place = self.root
        parts = Path(path).parts
        for part in parts[:-1]:
            place = place / part
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                return place.relative_to(self.root).as_posix()
        place = place / parts[-1]
        plain = place.is_symlink() or place.is_file() or not place.exists()
        return None if plain else path

    def format_conflicts(self, changes: list[Change]) -> str:
        """Return the input of `git update-index` for changes that conflict, as `git merge` does."""
        lines = ""
        for change in changes:
            path = self.prefix + change.path
            lines += f"0 {'0' * 40}\t{path}\0"
            versions = (change.base, change.ours or change.ours_before_move, change.theirs)
            for stage, file in enumerate(versions, 1):
                if file is not None:
                    lines += f"{file.mode:o} {self._store_blob(file)} {stage}\t{path}\0"
        return lines

    def record_conflicts(self, lines: str) -> None:
        """Record conflicts in the index; `lines` come from `format_conflicts`."""
        if lines:
            args = ("update-index", "-z", "--index-info")
            git.required_output(*args, cwd=self.root, text=lines, hint=_INDEX)

    def _store_blob(self, file: File) -> str:
        blob = self.journal / "blob"
        writing.replace(self.journal.parents[1], f"mlcharter/{blob.parent.name}/blob", file.data)
        return git.required_output(
            "hash-object", "-w", "--no-filters", str(blob), cwd=self.root, hint=_INDEX
        )

    def reset_conflicts(self) -> None:
        """Reset every unmerged path of the index to HEAD."""
        args = ("diff", "--name-only", "--no-ext-diff", "--no-textconv", "--diff-filter=U", "-z")
        listed = git.output(*args, *_NO_SUBMODULES, cwd=self.root) or ""
        paths = [f":/{path}" for path in listed.split("\0") if path]
        if paths and self.has_commits:
            git.run("reset", "--quiet", "--", *paths, cwd=self.root)
        elif paths:
            git.run("rm", "--quiet", "--cached", "--", *paths, cwd=self.root)


def _find_top(root: Path, shown: Path) -> str:
    """Return the top of the work tree of a folder; if Git fails, a UserError has the reason."""
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
            hint="run `git init` and commit, so that every change can be reverted",
        )
    bare = "clone it, and give the path of the clone"
    status = f"look at `git -C {shlex.quote(str(shown))} status`"
    raise UserError(
        f"Git can't use {shown}: {reason}", hint=bare if "bare repository" in reason else status
    )


# Git would run in each submodule, with the submodule's own configuration.
_NO_SUBMODULES = ("--ignore-submodules=all",)
_BROKEN = "look at `git status` there"
_INDEX = "the files are merged; run `git add` on those that you have resolved"


def find_renamed(
    path: str, file: File, documents: Callable[[], Mapping[str, set[str]]]
) -> str | None:
    """Return which document of a team, by the ids of its sections, is a renamed one of a template.

    That is the document with most of its section ids, and at least half of them.
    """
    sections = _find_sections(file.text or "") if path.endswith(".md") else set()
    shared = {name: len(sections & ids) for name, ids in documents().items()} if sections else {}
    best = max(shared, key=shared.__getitem__, default="")
    return best if best and 2 * shared[best] >= len(sections) else None


def _find_sections(text: str) -> set[str]:
    if "<!-- section:" not in text:
        return set()
    return {section.id for section in document.parse(text).sections if section.id}
