"""Count signed commits as approvals: whoever signs a commit approves the files that it has.

The keys are those that the base accepts. A signature counts on the last commit of the change, and
on those before it with the same files, such as below empty commits of further owners.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from mlcharter.charter.allowed_signers import PATH, Signer
from mlcharter.diff.approvals import Approvals
from mlcharter.support import git, signatures

_MOST = 20  # commits with the same files


def add(
    found: Approvals, root: Path, base: str, signers: Sequence[Signer], now: datetime
) -> Approvals:
    """Return approvals with those by signatures; `signers` are the keys at the base.

    The work tree must be clean, so that HEAD has the files that are judged.
    """
    names: dict[str, set[str]] = {}
    for signer in signers:
        if signer.is_valid(now):
            names.setdefault(signer.key, set()).update(map(_normalise, signer.names))
    if not names:
        return found
    signed: set[str] = set()
    note = f"no key in {PATH} at the base signed the last commit"
    for commit in _list_commits(root, base, _head(root, found.head)):
        number = signatures.find_key(commit, list(names), root)
        who = set() if number is None else list(names.values())[number]
        if found.author.lower() in who:
            note = f"the signature of the author {found.author} does not count"
        else:
            signed |= who
    notes = found.notes if signed else (*found.notes, note)
    return replace(found, people=found.people | signed, notes=notes)


def _normalise(name: str) -> str:
    return name.lower().removeprefix("@")


def _head(root: Path, head: str) -> str:
    """Return the last commit of the change: HEAD, or what the host merged with the base in it.

    The host says which commit that is, so that nobody can push such a merge with other files.
    """
    head = head or os.environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "")
    merged = git.output("rev-parse", "--verify", "--quiet", "HEAD^2", cwd=root)
    return merged if merged and merged == head else "HEAD"


def _list_commits(root: Path, base: str, head: str) -> list[str]:
    """Return the last commits that have the same files and that the base lacks."""
    args = ("--first-parent", f"--max-count={_MOST}", "--format=%H %T", head, f"^{base}")
    printed = git.output("rev-list", *args, cwd=root) or ""
    rows = [line.split() for line in printed.split("\n") if not line.startswith("commit ")]
    commits = []
    for commit, tree in filter(None, rows):
        if tree != rows[0][1]:
            break
        commits.append(commit)
    return commits
