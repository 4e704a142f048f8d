"""Versions of a template: each is fetched once and kept in a cache, by its commit.

A source on this machine is asked directly; another one has a bare mirror in the cache.
"""

import atexit
import hashlib
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mlcharter import caching, git
from mlcharter.errors import UserError
from mlcharter.template import git_url

_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)")


@dataclass(frozen=True)
class Version:
    """A version of a template: its whole commit id, and the name that an answers file records."""

    commit: str
    name: str


def kept(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder`, made once and whole: two who make it at the same time do not see each other.

    Where the cache can't be written, the result is in a temporary folder until this process ends.
    """
    if not folder.is_dir():
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            writable = os.access(folder.parent, os.W_OK)
        except OSError:
            writable = False
        if not writable:
            return _temporary(make)
        with tempfile.TemporaryDirectory(prefix="making-", dir=folder.parent) as making:
            new = Path(making, "new")
            make(new)
            try:
                new.rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise
    return folder


def _temporary(make: Callable[[Path], None]) -> Path:
    folder = tempfile.mkdtemp(prefix="mlcharter-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make(Path(folder, "new"))
    return Path(folder, "new")


class Source:
    """Where a template's versions are, as an answers file names it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._key = hashlib.sha256(name.encode()).hexdigest()[:24]

    @cached_property
    def repository(self) -> Path | None:
        """A Git repository that has the versions, brought up to date; None if it can't be had."""
        url = git_url(self.name)
        path = Path(url.removeprefix("file://")).expanduser()
        if path.is_absolute() and path.exists():
            return path if git.output("rev-parse", "--git-dir", cwd=_folder(path)) else None
        mirror = caching.folder() / "sources" / f"{self._key}.git"
        if mirror.is_dir() and os.access(mirror, os.W_OK):
            specs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
            git.run(
                "fetch",
                "--quiet",
                "--prune",
                "--no-write-fetch-head",
                "--",
                url,
                *specs,
                cwd=mirror,
            )
            return mirror

        def clone(into: Path) -> None:
            hint = "is its host reachable from here?"
            git.must("clone", "--quiet", "--bare", "--", url, str(into), hint=hint)

        try:
            return _temporary(clone) if mirror.is_dir() else kept(mirror, clone)
        except UserError:
            return mirror if mirror.is_dir() else None

    def commit(self, ref: str) -> str | None:
        """The whole commit id that a name stands for: asked of Git, else remembered."""
        described = re.search(r"-g([0-9a-f]{7,40})$", ref)
        name = described[1] if described else ref
        if self.repository is not None and not name.startswith("-"):
            where = _folder(self.repository)
            for candidate in (f"refs/tags/{name}", name, f"refs/remotes/origin/{name}"):
                words = ("rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}")
                found = git.output(*words, cwd=where)
                if found:
                    self._remember(ref, found)
                    return found
        return self._remembered().get(ref)

    def newest(self) -> Version | None:
        """The newest release that is tagged, else what HEAD has."""
        if self.repository is None:
            return None
        tags = (git.output("tag", "--list", cwd=_folder(self.repository)) or "").split()
        found = [tag for tag in tags if _RELEASE.fullmatch(tag)]
        name = max(found, key=_number) if found else "HEAD"
        return self.version(name)

    def version(self, ref: str) -> Version | None:
        """The version that `ref` names; a tag keeps its name, anything else is its commit."""
        commit = self.commit(ref)
        if commit is None:
            return None
        tagged = self.repository is not None and git.output(
            "rev-parse", "--verify", "--quiet", f"refs/tags/{ref}", cwd=_folder(self.repository)
        )
        return Version(commit, ref if tagged else self._tag(commit) or commit)

    def _tag(self, commit: str) -> str | None:
        if self.repository is None:
            return None
        words = ("describe", "--tags", "--exact-match", commit)
        return git.output(*words, cwd=_folder(self.repository))

    def older(self, one: str, two: str) -> bool:
        """Whether the commit `one` comes before `two`."""
        if one == two or self.repository is None:
            return False
        words = ("merge-base", "--is-ancestor", one, two)
        return git.run(*words, cwd=_folder(self.repository)).returncode == 0

    def files(self, commit: str) -> Path | None:
        """The folder with the template of a commit; None when it is neither kept nor there."""
        folder = caching.folder() / "templates" / commit
        if folder.is_dir():
            return folder
        if self.repository is None:
            return None
        where = _folder(self.repository)
        if git.output("cat-file", "-t", commit, cwd=where) != "commit":
            return None

        def unpack(into: Path) -> None:
            hint = "the source has no Copier template in that version"
            with tempfile.NamedTemporaryFile(suffix=".tar") as packed:
                words = ("archive", f"--output={packed.name}", commit, "copier.yml", "template")
                git.must(*words, cwd=where, hint=hint)
                with tarfile.open(packed.name) as archive:
                    archive.extractall(into, filter="data")

        return kept(folder, unpack)

    def _remember(self, ref: str, commit: str) -> None:
        known = self._remembered()
        if known.get(ref) != commit:
            path = self._names
            with suppress(OSError):  # it is only asked for again then
                path.parent.mkdir(parents=True, exist_ok=True)
                new = path.with_suffix(f".{os.getpid()}")
                new.write_text(json.dumps({**known, ref: commit}), encoding="utf-8")
                new.replace(path)

    def _remembered(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._names.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    @property
    def _names(self) -> Path:
        return caching.folder() / "names" / f"{self._key}.json"


def release(name: str) -> list[int] | None:
    """The numbers of a release's name, for comparing; None for any other name."""
    return _number(name) if _RELEASE.fullmatch(name) else None


def _number(tag: str) -> list[int]:
    return [int(part) for part in tag.removeprefix("v").split(".")]


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent
