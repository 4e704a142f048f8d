"""Read who approved a change, from what GitHub or GitLab says about it.

Only approvals that the author can't write count: those of others, for the last commit, and not
dismissed. Without the author or the last commit, none count.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mlcharter.diff import bases
from mlcharter.diff.difference import Comparison
from mlcharter.support import files
from mlcharter.support.errors import UserError

_LARGEST = 32 * 1024 * 1024
_DECIDING = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")  # a comment changes nothing


class Approvals(Struct, frozen=True):
    """Who approved the last commit of a change, in lower case and without `@`; and what was not.

    The host says who the `author` is, and which commit is the `head` of the pull request.
    """

    people: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    author: str = ""
    head: str = ""


def read(paths: Sequence[Path]) -> Approvals:
    """Return the approvals in files of a host; see docs/diff.md for their formats."""
    if not paths:
        event = bases.read_event().pull_request
        return Approvals(author=event.user.login, head=event.head.sha) if event else Approvals()
    content = [each for path in paths for each in _load(path)]
    reviews = [c for c in content if "state" in c and "commit_id" in c]
    pulls = [c for c in content if "head" in c and "user" in c]
    requests = [c for c in content if "author" in c and "sha" in c]
    if any("approved_by" in c for c in content):
        return _of_gitlab(content, requests)
    return _of_github(reviews, pulls)


def _load(path: Path) -> list[Mapping[str, Any]]:
    """Return the objects in a file; GitHub's pages of a list may be lists in a list."""
    try:
        loaded = msgspec.json.decode(files.whole(path, _LARGEST))
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise UserError(
            f"{path} is not JSON of a host: {error}", hint="see docs/diff.md"
        ) from error
    found: list[Mapping[str, Any]] = []
    pending = [loaded]
    while pending:
        value = pending.pop(0)
        if isinstance(value, list):
            pending[:0] = value
        elif isinstance(value, dict):
            found.append(value)
    return found


def _of_github(
    reviews: Sequence[Mapping[str, Any]], pulls: Sequence[Mapping[str, Any]]
) -> Approvals:
    event = bases.read_event().pull_request
    author, head = (event.user.login, event.head.sha) if event else ("", "")
    for pull in pulls:
        author, head = _text(pull, "user", "login"), _text(pull, "head", "sha")
    if not author or not head:
        return Approvals(notes=("no approval counts: the pull request is unknown",))
    last: dict[str, Mapping[str, Any]] = {}
    for review in reviews:
        if review.get("state") in _DECIDING:
            last[_text(review, "user", "login").lower()] = review
    approved = {name: r for name, r in last.items() if name and r["state"] == "APPROVED"}
    current = {name for name, r in approved.items() if r.get("commit_id") == head}
    return _without_author(current, author, approved, head)


def _of_gitlab(
    content: Sequence[Mapping[str, Any]], requests: Sequence[Mapping[str, Any]]
) -> Approvals:
    author = _text(requests[0], "author", "username") if requests else ""
    pushed = max((_text(c, "created_at") for c in content if "head_commit_sha" in c), default="")
    if not author or not pushed:
        return Approvals(
            notes=("no approval counts: the merge request or its versions are unknown",)
        )
    entries = [entry for c in content for entry in c.get("approved_by") or ()]
    approved = {_text(e, "user", "username").lower(): _text(e, "approved_at") for e in entries}
    # Times of one host have the same format, so that they sort as text.
    current = {name for name, time in approved.items() if name and time > pushed}
    return _without_author(current, author, approved, _text(requests[0], "sha"))


def _without_author(
    current: set[str], author: str, approved: Iterable[str], head: str
) -> Approvals:
    notes = []
    if stale := sorted(set(approved) - current - {author.lower()}):
        notes.append(f"approved an older commit, which does not count: {', '.join(stale)}")
    if author.lower() in approved:
        notes.append(f"the approval of the author {author} does not count")
    return Approvals(frozenset(current - {author.lower()}), tuple(notes), author, head)


def _text(value: Any, *path: str) -> str:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def apply(
    comparison: Comparison, approvals: Approvals, teams: Mapping[str, Sequence[str]]
) -> Comparison:
    """Return a comparison with the owners who approved; `teams` has the members at the base."""
    members = {team.lower(): names for team, names in teams.items()}

    def approved(owner: str) -> bool:
        people = (owner, *members.get(owner.lower(), ()))
        return any(name.lower().removeprefix("@") in approvals.people for name in people)

    differences = tuple(
        replace(d, approved_by=tuple(filter(approved, d.owners))) for d in comparison.differences
    )
    return replace(comparison, differences=differences, notes=comparison.notes + approvals.notes)
