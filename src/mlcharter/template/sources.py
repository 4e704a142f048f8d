"""Fetch versions of a template, each once, into a cache by source and commit.

Every source, local ones too, is read through a bare mirror in the cache.
"""

import atexit
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mlcharter.support import addresses, user_cache, versions, writing
from mlcharter.support.errors import UserError
from mlcharter.template import allowed_folders
from mlcharter.template.mirror import Mirror


@dataclass(frozen=True)
class Version:
    """A version of a template: its full commit id, and the name that an answers file records."""

    commit: str
    name: str


def create_cached(folder: Path, make: Callable[[Path], None]) -> Path:
    """Return `folder` of the cache; `make` fills it if it is missing.

    It is created atomically, so that two processes can do it at the same time. If the cache can't
    be written, the result is in a temporary folder until this process ends.
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
    """Return whether a folder of the cache exists, or can be created, and can be written."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        return os.access(folder, os.W_OK)
    return False


def _temporary() -> Path:
    """Create a folder that is removed when this process ends."""
    folder = tempfile.mkdtemp(prefix="mlcharter-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


_fetched: set[str] | None = None  # the mirrors that were fetched already, inside `fetch_once`


@contextmanager
def fetch_once() -> Iterator[None]:
    """Let every source be fetched once only, for the many repositories of one run."""
    global _fetched
    _fetched = set()
    try:
        yield
    finally:
        _fetched = None


class Source:
    """The Git repository of a template's versions.

    `source` is the `_src_path` of the repository at `root`; with `named` it is what the user has
    typed in this call, and then secrets in it are used, once, and a folder is recorded as allowed.
    Without `fetches`, only versions in the cache are found. An address that is unsafe for Git is a
    UserError.
    """

    def __init__(
        self,
        source: str,
        root: Path | None = None,
        *,
        named: bool = False,
        fetches: bool = True,
    ) -> None:
        self.name = addresses.without_secrets(source)
        self.problem: UserError | None = None  # why it can't be reached, after a fetch has failed
        self._named = named
        self._fetches = fetches
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
        """Return our mirror, up to date; if the fetch fails, `problem` has the reason."""
        shutil.rmtree(user_cache.folder() / "sources", ignore_errors=True)  # of 0.0, with secrets
        mirrors = user_cache.folder() / "mirrors"
        place = mirrors if _is_writable(mirrors) else _temporary()
        mirror = Mirror(place / f"{self._key}.git")
        folder = self._address.folder
        try:
            if folder is not None and self._named and folder.is_dir():
                allowed_folders.record(folder)
            if folder is not None:
                allowed_folders.refuse_unknown(folder)
            if self._fetches and self._key not in (_fetched or ()):
                mirror.fetch(self._address)
            if self._fetches and _fetched is not None:
                _fetched.add(self._key)
        except UserError as error:
            self.problem = error
        except OSError as error:
            self.problem = UserError(
                f"the cache {user_cache.folder()} can't be written: "
                f"{(error.strerror or '').lower()}",
                hint="set XDG_CACHE_HOME to a folder where you may write",
            )
        return mirror

    def find_commit(self, recorded: str) -> str | None:
        """Return the commit of a recorded version: from the source, else from the cache."""
        if self._folder(recorded).is_dir():
            return recorded
        commit = self.mirror.find_commit(recorded)
        if commit is None:
            return self._read_names().get(recorded)
        self._record_name(recorded, commit)
        return commit

    def find_newest(self) -> Version | None:
        """Return the newest tagged release, else HEAD; None if the source can't be reached.

        A source without a release whose HEAD names no branch is a UserError.
        """
        mirror = self.mirror
        if self.problem is not None:
            return None
        version = self.find_version(versions.newest(mirror.tags) or "HEAD")
        if version is None:
            raise UserError(
                f"{self.name} has no release and no default branch",
                hint=f"name a version with `update --to` or `new --ref`: {self.list_versions()}",
            )
        return version

    def find_version(self, name: str) -> Version | None:
        """Return the version of a tag, a branch or a commit; None if the source has none.

        If the source can't be reached, only tags and commits are found, which never move.
        """
        mirror = self.mirror
        if self.problem is not None and not versions.is_fixed(name):
            return None
        commit = mirror.find_commit(name)
        if commit is None:
            return None
        recorded = versions.recorded(commit, mirror.find_tags(commit), name)
        self._record_name(recorded, commit)
        return Version(commit, recorded)

    def list_versions(self) -> str:
        """Return a phrase that lists some tags and branches of the source."""
        tags, branches = self.mirror.tags, self.mirror.branches
        newest = versions.newest(tags)
        some = [*([newest] if newest else []), *sorted(tags, reverse=True)[:3], *branches[:3]]
        names = ", ".join(dict.fromkeys(some))
        return f"it has {names}" if names else "it has no branches and no tags"

    def find_files(self, commit: str) -> Path | None:
        """Return the folder with the template of a commit; None if cache and source lack it."""
        folder = self._folder(commit)
        if folder.is_dir():
            return folder
        if self.mirror.find_commit(commit) != commit:
            return None
        return create_cached(folder, lambda into: self.mirror.unpack(commit, into))

    def _folder(self, commit: str) -> Path:
        """Return the cache folder of a commit's template, which is separate for each source."""
        name = commit if len(commit) in (40, 64) and commit.isalnum() else "none"
        return user_cache.folder() / "templates" / self._key / name

    def _record_name(self, name: str, commit: str) -> None:
        known = self._read_names()
        if known.get(name) != commit:
            writing.keep(self._names, json.dumps({**known, name: commit}).encode())

    def _read_names(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._names.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, RecursionError):
            return {}

    @property
    def _names(self) -> Path:
        return user_cache.folder() / "names" / f"{self._key}.json"
