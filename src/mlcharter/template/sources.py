"""Versions of a template: each is fetched once and kept in a cache, by its source and commit.

Every source, one on this machine too, is read through a bare mirror of ours in the cache.
"""

import atexit
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mlcharter.support import addresses, user_cache, versions, writing
from mlcharter.template import allowed_folders
from mlcharter.support.errors import UserError
from mlcharter.template.mirror import Mirror


@dataclass(frozen=True)
class Version:
    """A version of a template: its whole commit id, and the name that an answers file records."""

    commit: str
    name: str


def kept(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder`, made once and whole: two who make it at the same time do not see each other.

    Where the cache can't be written, the result is in a temporary folder until this process ends.
    """
    if not _is_writable(folder.parent):
        if folder.is_dir():
            return folder
        new = _temporary() / "new"
        make(new)
        return new
    if folder.is_dir():
        writing.remove_stale(folder.parent, folder.name)
    else:
        with writing.staged_folder(folder.parent) as staging:
            make(staging / "new")
            writing.install_folder(staging / "new", folder)
    return folder


def _is_writable(folder: Path) -> bool:
    """Whether a folder of the cache is there, or can be made, and can be written."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        return os.access(folder, os.W_OK)
    return False


def _temporary() -> Path:
    """A new folder that is removed when this process ends."""
    folder = tempfile.mkdtemp(prefix="mlcharter-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


class Source:
    """Where a template's versions are.

    `source` is what the answers file of the repository at `root` has; with `named` it is what the
    user has given in this call, and then secrets in it are used, once, and a folder is remembered.
    One that Git must not be given is a UserError.
    """

    def __init__(self, source: str, root: Path | None = None, *, named: bool = False) -> None:
        self.name = addresses.without_secrets(source)
        self.problem: UserError | None = None  # why it can't be reached, once that was tried
        self._named = named
        self._address = addresses.parse(source if named else self.name, root)
        folder = self._address.folder
        if folder is not None:
            allowed_folders.refuse_place(folder, None if named else root)
            if named:
                self.name = str(folder.resolve())
        identity = str(folder.resolve()) if folder is not None else addresses.comparable(self.name)
        self._key = hashlib.sha256(identity.encode(errors="surrogateescape")).hexdigest()

    @cached_property
    def mirror(self) -> Mirror:
        """Our mirror, brought up to date; where that fails `problem` says why."""
        shutil.rmtree(user_cache.folder() / "sources", ignore_errors=True)  # as it was, with secrets
        mirrors = user_cache.folder() / "mirrors"
        place = mirrors if _is_writable(mirrors) else _temporary()
        mirror = Mirror(place / f"{self._key}.git")
        folder = self._address.folder
        try:
            if folder is not None and self._named and folder.is_dir():
                allowed_folders.remember(folder)
            if folder is not None:
                allowed_folders.refuse_unknown(folder)
            mirror.fetch(self._address)
        except UserError as error:
            self.problem = error
        except OSError as error:
            self.problem = UserError(
                f"the cache {user_cache.folder()} can't be written: {(error.strerror or '').lower()}",
                hint="set XDG_CACHE_HOME to a folder where you may write",
            )
        return mirror

    def commit(self, recorded: str) -> str | None:
        """The commit of a version that is recorded: asked of the source, else remembered."""
        if self._folder(recorded).is_dir():
            return recorded
        found = self.mirror.commit(recorded)
        if found is None:
            return self._remembered().get(recorded)
        self._remember(recorded, found)
        return found

    def newest(self) -> Version | None:
        """The newest release that is tagged, else what HEAD has; None where it can't be reached.

        A source whose HEAD names no branch, and that has no release, is a UserError.
        """
        mirror = self.mirror
        if self.problem is not None:
            return None
        found = self.version(versions.newest(mirror.tags) or "HEAD")
        if found is None:
            raise UserError(
                f"{self.name} has no release, and its default branch is gone",
                hint=f"name one by `update --to` or `new --ref`: {self.offered()}",
            )
        return found

    def version(self, name: str) -> Version | None:
        """The version that a tag, a branch or a commit names; None where the source has none such.

        From a source that can't be reached, only what never moves is known.
        """
        mirror = self.mirror
        if self.problem is not None and not versions.is_fixed(name):
            return None
        commit = mirror.commit(name)
        if commit is None:
            return None
        recorded = versions.recorded(commit, mirror.tags_of(commit), name)
        self._remember(recorded, commit)
        return Version(commit, recorded)

    def offered(self) -> str:
        """Some of the names that it has, in words."""
        tags, branches = self.mirror.tags, self.mirror.branches
        newest = versions.newest(tags)
        some = [*([newest] if newest else []), *sorted(tags, reverse=True)[:3], *branches[:3]]
        names = ", ".join(dict.fromkeys(some))
        return f"it has {names}" if names else "it has no branches and no tags"

    def has(self, name: str) -> bool:
        """Whether the source, as it is now, has a version of this name."""
        return self.problem is None and self.mirror.commit(name) is not None

    def older(self, one: str, two: str) -> bool:
        """Whether the commit `one` comes before `two`."""
        return one != two and self.mirror.is_ancestor(one, two)

    def files(self, commit: str) -> Path | None:
        """The folder with the template of a commit; None when it is neither kept nor there."""
        folder = self._folder(commit)
        if folder.is_dir():
            return folder
        if self.mirror.commit(commit) != commit:
            return None
        return kept(folder, lambda into: self.mirror.unpack(commit, into))

    def _folder(self, commit: str) -> Path:
        """Where the template of a commit is kept; never one that came from another source."""
        name = commit if len(commit) in (40, 64) and commit.isalnum() else "none"
        return user_cache.folder() / "templates" / self._key / name

    def _remember(self, name: str, commit: str) -> None:
        known = self._remembered()
        if known.get(name) != commit:
            user_cache.keep(self._names, json.dumps({**known, name: commit}).encode())

    def _remembered(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._names.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, RecursionError):
            return {}

    @property
    def _names(self) -> Path:
        return user_cache.folder() / "names" / f"{self._key}.json"
