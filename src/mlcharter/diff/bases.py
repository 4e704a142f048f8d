"""Find the commit that a change is compared with: named, that of CI, or of the default branch.

Only Git's objects and the variables and event file of the CI host are read.
"""

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from mlcharter.support import files, git
from mlcharter.support.errors import UserError

_DEFAULTS = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
_LARGEST_EVENT = 32 * 1024 * 1024


class Base(Struct, frozen=True):
    """A commit to compare with; `name` is how it is called, `notes` say why nothing may differ."""

    commit: str
    name: str
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.name} ({self.commit[:12]})"


class _Commit(Struct, frozen=True):
    sha: str = ""


class _User(Struct, frozen=True):
    login: str = ""


class PullRequest(Struct, frozen=True):
    """What an event of GitHub says about a pull request."""

    base: _Commit = _Commit()
    head: _Commit = _Commit()
    user: _User = _User()
    commits: int = 0


class _MergeGroup(Struct, frozen=True):
    base_sha: str = ""


class Event(Struct, frozen=True):
    """An event of GitHub Actions; only one of these is there."""

    pull_request: PullRequest | None = None
    merge_group: _MergeGroup | None = None


def read_event() -> Event:
    """Return the event that started this workflow of GitHub; an empty one elsewhere."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    if not path or os.environ.get("GITHUB_ACTIONS") != "true":
        return Event()
    try:
        return msgspec.json.decode(files.whole(Path(path), _LARGEST_EVENT), type=Event)
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise UserError(
            f"the event file {path} can't be read: {error}", hint="name the base: `diff REF`"
        ) from error


def find(root: Path, ref: str | None) -> Base | None:
    """Return the base of a repository's change; a missing one is a UserError.

    None in a repository without a commit, where everything is new.
    """
    if _resolve(root, "HEAD") is None and git.output("rev-parse", "--git-dir", cwd=root):
        return None
    if ref is not None:
        return Base(_commit(root, ref), ref)
    event = read_event()
    if event.pull_request is not None:
        return _base_of(root, event.pull_request)
    if event.merge_group is not None:
        return Base(_commit(root, event.merge_group.base_sha), "the base of the merge group")
    target = os.environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")
    target = target or os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA")
    if target:
        merged = _find_merged_into(root, os.environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""))
        return Base(merged or _commit(root, target), "the base of the merge request")
    return _of_default_branch(root)


def _base_of(root: Path, pull: PullRequest) -> Base:
    """Return the base of a pull request, also in a checkout of its merge commit of depth 2."""
    merged = _find_merged_into(root, pull.head.sha)
    if merged is not None:
        return Base(merged, "the base of the pull request")
    base = _commit(root, pull.base.sha, pull.commits + 1)
    return Base(_merge_base(root, base, pull.commits + 1), "the base of the pull request")


def _find_merged_into(root: Path, head: str) -> str | None:
    """Return the commit into which the host merged a head, if HEAD is that merge.

    Such a merge has what it merges into as its first parent, and the head as its second. In a queue
    that is the merge before it. Nobody can push such a commit without becoming the head, so its
    first parent is trusted.
    """
    is_merge = bool(head) and _resolve(root, "HEAD^2") == head
    return _resolve(root, "HEAD^1") if is_merge else None


def _of_default_branch(root: Path) -> Base:
    for name in _DEFAULTS:
        commit = _resolve(root, name)
        if commit is not None:
            base = _merge_base(root, commit)
            notes = _note_no_commits(root, base, name)
            return Base(base, f"the merge base with {name}", notes)
    raise UserError(
        f"there is none of the branches {', '.join(_DEFAULTS)}, and no pull request",
        hint="name the base: `mlcharter diff REF`; or fetch the default branch, such as "
        "`git fetch origin main:refs/remotes/origin/main`",
    )


def _note_no_commits(root: Path, base: str, name: str) -> tuple[str, ...]:
    """Return that HEAD has no commit of its own, such as on the default branch itself."""
    if _resolve(root, "HEAD") != base:
        return ()
    note = f"HEAD has no commit that {name} lacks, so only uncommitted changes are compared"
    more = "; for the last commit: `mlcharter diff HEAD~1`" if _resolve(root, "HEAD~1") else ""
    return (note + more,)


def _merge_base(root: Path, commit: str, depth: int = 0) -> str:
    found = git.output("merge-base", commit, "HEAD", cwd=root)
    if found is None:
        raise UserError(
            f"HEAD has no common ancestor with {commit[:12]} here", hint=_deepen(root, depth)
        )
    return found


def _commit(root: Path, ref: str, depth: int = 0) -> str:
    """Return the id of a commit; `depth` is how many commits a shallow clone needs."""
    commit = _resolve(root, ref)
    if commit is None:
        raise UserError(f"there is no commit `{ref}` here", hint=_deepen(root, depth))
    return commit


def _resolve(root: Path, ref: str) -> str | None:
    if not ref or ref.startswith("-"):
        return None
    args = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    return git.output(*args, cwd=root)


def _deepen(root: Path, depth: int) -> str:
    """Return a hint: in a shallow clone, how deep it must be."""
    if git.output("rev-parse", "--is-shallow-repository", cwd=root) != "true":
        return "name a branch, tag or commit of this repository, or fetch it"
    count = git.output("rev-list", "--count", "HEAD", cwd=root) or "?"
    commits = "1 commit" if count == "1" else f"{count} commits"
    have = f"this clone is shallow and has {commits} of HEAD"
    if depth:
        return f"{have}; fetch at least {depth}: `git fetch --depth={depth}`, or `fetch-depth: 2`"
    return f"{have}; `git fetch --unshallow`, or `fetch-depth: 0` in CI"
