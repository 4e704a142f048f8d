"""Mirror a template's repository: a bare clone in the cache, from which every version is read."""

import os
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from mlcharter.support import files, git, versions, writing
from mlcharter.support.addresses import Address
from mlcharter.support.errors import UserError

PARTS = ("copier.yml", "template")  # the paths in a repository that are its template
MOST_FILES = 20_000
MOST_BYTES = 256 * 1024 * 1024
_HEAD = "refs/mlcharter/head"
_SPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_HINT = "check the address of the template, or choose another version"


@dataclass(frozen=True)
class Entry:
    """A file of a version: its mode as Git writes it, its object id, its size in bytes."""

    path: str
    mode: str
    object: str
    size: int


class Mirror:
    """A bare repository in our cache with the branches and tags of a source."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fetch(self, address: Address) -> None:
        """Update the mirror; a source that can't be read is a UserError, and the mirror stays."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with writing.locked(self.path.parent, f"{self.path.stem}.lock", wait=True):
            if not (self.path / "HEAD").is_file():
                shutil.rmtree(self.path, ignore_errors=True)
                git.init(self.path)
            self._sweep()
            try:
                self._update(address)
            except UserError:
                if not self._is_damaged():
                    raise
                self._replace(address)
        self.__dict__.pop("_refs", None)

    def _update(self, address: Address) -> None:
        try:
            git.fetch(self.path, address, (f"+HEAD:{_HEAD}", *_SPECS), "--prune")
        except UserError as error:
            if "remote ref HEAD" not in error.message:
                raise
            git.fetch(self.path, address, _SPECS, "--prune")
            git.read(self.path, "update-ref", "-d", _HEAD)

    def _is_damaged(self) -> bool:
        """Return whether objects are missing, as after a power failure; Git can't repair that."""
        args = ("fsck", "--connectivity-only", "--no-dangling", "--no-progress")
        return git.read(self.path, *args) is None

    def _replace(self, address: Address) -> None:
        """Fetch everything into a new mirror; if that fails the old one stays."""
        fresh = Mirror(self._fresh)
        git.init(fresh.path)
        fresh._update(address)
        shutil.rmtree(self.path)
        fresh.path.rename(self.path)

    @property
    def _fresh(self) -> Path:
        return self.path.with_suffix(".new")

    def _sweep(self) -> None:
        """Remove what a killed fetch left behind; the lock keeps other processes out."""
        shutil.rmtree(self._fresh, ignore_errors=True)
        for pattern in ("*.lock", "refs/**/*.lock", "objects/**/tmp_*"):
            for stale in self.path.glob(pattern):
                if stale.is_dir():
                    shutil.rmtree(stale, ignore_errors=True)
                else:
                    stale.unlink(missing_ok=True)

    @cached_property
    def _refs(self) -> dict[str, str]:
        """Return the object id of each ref."""
        if not (self.path / "HEAD").is_file():
            return {}
        form = "--format=%(objectname) %(refname)"
        lines = (git.read(self.path, "for-each-ref", form) or "").splitlines()
        return {name: id for id, _, name in (line.partition(" ") for line in lines)}

    @property
    def tags(self) -> list[str]:
        return self._list("refs/tags/")

    @property
    def branches(self) -> list[str]:
        return self._list("refs/heads/")

    def _list(self, start: str) -> list[str]:
        return [ref.removeprefix(start) for ref in self._refs if ref.startswith(start)]

    def find_commit(self, name: str) -> str | None:
        """Return the commit of a tag, a branch, `HEAD`, or a full or abbreviated id.

        Names are looked up here: Git would evaluate revision expressions in them.
        """
        name = versions.described(name) or name
        head = _HEAD if name == "HEAD" else None
        for ref in (f"refs/tags/{name}", f"refs/heads/{name}", head):
            if ref in self._refs:
                return self._peel(self._refs[ref])
        return self._peel(name) if re.fullmatch(r"[0-9a-f]{7,64}", name) else None

    def _peel(self, id: str) -> str | None:
        if not (self.path / "HEAD").is_file():
            return None
        commit = git.read(self.path, "rev-parse", "--verify", "--quiet", f"{id}^{{commit}}")
        return commit.strip() if commit else None

    def find_tags(self, commit: str) -> list[str]:
        """Return the tags of a commit."""
        args = ("for-each-ref", f"--points-at={commit}", "--format=%(refname)", "refs/tags")
        lines = (git.read(self.path, *args) or "").splitlines()
        return [line.removeprefix("refs/tags/") for line in lines]

    def is_ancestor(self, one: str, two: str) -> bool:
        """Return whether the commit `one` is an ancestor of `two`."""
        return git.read(self.path, "merge-base", "--is-ancestor", one, two) is not None

    def unpack(self, commit: str, into: Path) -> None:
        """Write the template of a commit into a new folder.

        Anything but regular files, executables and links that stay inside is a UserError.
        """
        entries = self._entries(commit)
        if not any(entry.path == "copier.yml" for entry in entries):
            raise UserError("the template has no copier.yml in that version", hint=_HINT)
        into.mkdir()
        entries.sort(
            key=lambda entry: entry.mode == _LINK
        )  # links last, so that nothing is written through one
        contents = git.blobs(self.path, (entry.object for entry in entries))
        for entry, content in zip(entries, contents, strict=True):
            if content is None:
                raise UserError(
                    f"{entry.path} is missing from the template's repository", hint=_HINT
                )
            place = into / entry.path
            place.parent.mkdir(parents=True, exist_ok=True)
            if entry.mode == _LINK:
                _refuse_escape(entry.path, content)
                place.symlink_to(os.fsdecode(content))
            else:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
                with open(os.open(place, flags, int(entry.mode, 8) & 0o777), "wb") as file:  # noqa: PTH123
                    file.write(content)
        for entry in entries:
            if entry.mode == _LINK and not files.stays_inside(into / entry.path, into.resolve()):
                raise UserError(f"the link {entry.path!r} leaves the template", hint=_HINT)

    def _entries(self, commit: str) -> list[Entry]:
        args = ("ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", *PARTS)
        listed = git.read(self.path, "--literal-pathspecs", *args)
        if listed is None:
            raise UserError(f"the template's repository has no commit {commit[:12]}", hint=_HINT)
        entries = []
        for line in listed.split("\0")[:-1]:
            fields, _, path = line.partition("\t")
            mode, _, id, size = fields.split()
            if mode == _SUBMODULE:
                raise UserError(f"the template has a submodule: {path!r}", hint=_HINT)
            _refuse_name(path)
            entries.append(Entry(path, mode, id, int(size) if size.isdigit() else 0))
        if len(entries) > MOST_FILES or sum(entry.size for entry in entries) > MOST_BYTES:
            raise UserError(
                f"the template has more than {MOST_FILES} files or {MOST_BYTES} bytes", hint=_HINT
            )
        return entries


_LINK, _SUBMODULE = "120000", "160000"


def _refuse_name(path: str) -> None:
    """Refuse a path that leaves the folder, names Git's own files, or can't be printed."""
    unsafe = writing.is_git(path) or not writing.is_below(path)
    if unsafe or not path.isprintable() or "\\" in path:
        raise UserError(f"the template has a file with an unsafe name: {path!r}", hint=_HINT)


def _refuse_escape(path: str, target: bytes) -> None:
    to = PurePosixPath(os.fsdecode(target))
    full = os.path.normpath(PurePosixPath(path).parent / to)
    if not str(to).isprintable() or to.is_absolute() or full.startswith(".."):
        raise UserError(f"the link {path!r} leaves the template", hint=_HINT)
