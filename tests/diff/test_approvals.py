"""Whose approval counts for a change that weakens the charter."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_charter import compare

from mlcharter.diff import approvals
from mlcharter.support.errors import UserError

HEAD, OLDER = "a" * 40, "b" * 40
PULL = {"user": {"login": "Mallory"}, "head": {"sha": HEAD}}
REQUEST = {"author": {"username": "mallory"}, "sha": HEAD}
VERSIONS = [{"head_commit_sha": HEAD, "created_at": "2026-11-30T10:00:00.000Z"}]
TEAMS = {"@acme/fraud": ["@ada"], "@acme/leads": ["@grace"]}


def review(who: str, state: str = "APPROVED", commit: str = HEAD) -> dict[str, Any]:
    return {"user": {"login": who}, "state": state, "commit_id": commit}


def approved(who: str, at: str) -> dict[str, Any]:
    return {"approved_by": [{"user": {"username": who}, "approved_at": at}]}


def read(folder: Path, *contents: Any) -> approvals.Approvals:
    paths = []
    for number, content in enumerate(contents):
        paths.append(folder / f"{number}.json")
        paths[-1].write_text(json.dumps(content))
    return approvals.read(paths)


@pytest.mark.parametrize(
    ("reviews", "people"),
    [
        ([review("ada")], {"ada"}),
        ([[review("ada")], [review("Grace")]], {"ada", "grace"}),  # pages of a list
        ([review("ada"), review("ada", "COMMENTED")], {"ada"}),
        ([review("ada", commit=OLDER)], set()),
        ([review("ada"), review("ada", "DISMISSED")], set()),
        ([review("ada"), review("ada", "CHANGES_REQUESTED")], set()),
        ([review("ada", commit=OLDER), review("ada")], {"ada"}),
        ([review("mallory")], set()),
        ([review("ada", "PENDING")], set()),
        ([], set()),
    ],
)
def test_reviews_of_github_count_for_the_last_commit_and_not_the_author(
    tmp_path: Path, reviews: Any, people: set[str]
) -> None:
    assert read(tmp_path, PULL, reviews).people == people


@pytest.mark.parametrize(
    ("contents", "people"),
    [
        ([REQUEST, VERSIONS, approved("ada", "2026-11-30T10:00:01.000Z")], {"ada"}),
        ([REQUEST, VERSIONS, approved("ada", "2026-11-30T09:59:59.000Z")], set()),
        ([REQUEST, VERSIONS, approved("mallory", "2026-11-30T10:00:01.000Z")], set()),
        ([REQUEST, approved("ada", "2026-11-30T10:00:01.000Z")], set()),
        ([VERSIONS, approved("ada", "2026-11-30T10:00:01.000Z")], set()),
        ([REQUEST, VERSIONS, {"approved_by": [{"user": {"username": "ada"}}]}], set()),
    ],
)
def test_approvals_of_gitlab_count_if_they_are_later_than_the_last_push(
    tmp_path: Path, contents: list[Any], people: set[str]
) -> None:
    assert read(tmp_path, *contents).people == people


def test_without_the_pull_request_no_review_counts(tmp_path: Path) -> None:
    found = read(tmp_path, [review("ada")])

    assert found.people == set()
    assert found.notes == ("no approval counts: the pull request is unknown",)


def test_a_stale_approval_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, PULL, [review("ada", commit=OLDER), review("mallory")])

    assert found.notes == (
        "approved an older commit, which does not count: ada",
        "the approval of the author Mallory does not count",
    )


def test_a_file_that_is_not_json_is_reported(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")

    with pytest.raises(UserError, match=r"x\.json is not JSON of a host"):
        approvals.read([tmp_path / "x.json"])


@pytest.mark.parametrize(
    ("who", "fails"), [({"ada"}, False), ({"grace"}, True), ({"mallory"}, True), (set(), True)]
)
def test_an_owner_at_the_base_approves_what_weakens(base: Path, who: set[str], fails: bool) -> None:
    found = compare(base, ("docs/eval_pack.md", "threshold: 0.9\n", "threshold: 0.8\n"))

    found = approvals.apply(found, approvals.Approvals(frozenset(who)), TEAMS)

    assert found.fails is fails
    needs = "needs the approval of @acme/fraud" if fails else "approved by @acme/fraud"
    assert [d.needs for d in found.differences] == [needs]


def test_a_change_of_owners_and_teams_never_approves_itself(base: Path) -> None:
    """Mallory's other account approves, which the change itself makes an owner."""
    found = compare(
        base,
        ("CODEOWNERS", "* @acme/fraud", "* @accomplice"),
        (".mlcharter.yml", "level:", 'teams: {"@acme/fraud": ["@accomplice"]}\nlevel:'),
        ("docs/eval_pack.md", "threshold: 0.9\n", "threshold: 0.8\n"),
    )

    found = approvals.apply(found, approvals.Approvals(frozenset({"accomplice"})), TEAMS)

    assert [(d.path, d.needs) for d in found.differences if d.fails] == [
        (".mlcharter.yml", "needs the approval of @acme/leads"),
        ("CODEOWNERS", "needs the approval of @acme/leads"),
        ("docs/eval_pack.md", "needs the approval of @acme/fraud"),
    ]


def test_no_approval_allows_a_released_file_to_change(base: Path) -> None:
    found = compare(base, ("reports/released/2026-11-gates.json", "0.9", "0.8"))

    found = approvals.apply(found, approvals.Approvals(frozenset({"ada"})), TEAMS)

    assert found.fails
