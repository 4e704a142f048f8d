"""Updates of a fleet: a branch in each repository, and nothing else changes."""

import datetime
import json
import os
import signal
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner, Result
from test_update import EVALS, Found, _cache, commit, edit, fill, found, git, history

from mlcharter.cli import cli
from mlcharter.fleet import members, updating
from mlcharter.fleet.updating import Options, Updated

__all__ = ["_cache", "found", "history"]  # fixtures

OPTIONS = Options(datetime.date(2026, 12, 1), "mlcharter-update", "v2.0.0")


def update(folder: Path, options: Options = OPTIONS) -> list[Updated]:
    return list(updating.rows(members.find([folder]), options, 2))


def test_an_update_is_a_commit_on_a_branch(found: Found, tmp_path: Path) -> None:
    root = found(where="fleet/risk", layout="documents")
    fill(root)
    commit(root)
    (root / EVALS).write_text("not committed\n")
    head, files = git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain")

    (row,) = update(tmp_path / "fleet")

    assert (row.state, row.error, row.old, row.new) == ("updated", "", "v1.0.0", "v2.0.0")
    assert git(root, "rev-parse", "HEAD") == head
    assert git(root, "status", "--porcelain") == files
    assert git(root, "worktree", "list").count("\n") == 0
    assert git(root, "rev-parse", "mlcharter-update") == row.commit
    assert git(root, "rev-parse", "mlcharter-update^") == head
    updated = git(root, "show", f"mlcharter-update:{EVALS}")
    assert "Ours: the rule of Holm." in updated and "Every dataset has a card" in updated
    message = git(root, "log", "-1", "--format=%B", "mlcharter-update")
    assert message.startswith("Update the charter to v2.0.0\n\nUpdate of the charter:")
    assert "`mlcharter check` at level draft: 0 fail, before 0." in row.text
    assert "**nothing weakens the charter**" in row.text


def test_a_mirror_is_updated_like_a_clone(found: Found, tmp_path: Path) -> None:
    root = found(where="clones/risk", layout="documents")
    fill(root)
    mirror = tmp_path / "mirrors/risk.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(root), str(mirror))
    before = git(mirror, "for-each-ref")

    (clone,), (row,) = update(tmp_path / "clones"), update(tmp_path / "mirrors")
    (again,) = update(tmp_path / "mirrors")

    assert (row.state, row.error, row.text) == ("updated", "", clone.text)
    assert git(mirror, "rev-parse", "mlcharter-update^{tree}") == git(
        root, "rev-parse", "mlcharter-update^{tree}"
    )
    assert git(mirror, "for-each-ref") == (
        f"{before}\n{row.commit} commit\trefs/heads/mlcharter-update"
    )
    assert git(mirror, "worktree", "list").count("\n") == 0
    assert again.state == "waiting"


@pytest.mark.hostile("a mirror that would start programs")
def test_a_mirror_starts_nothing(found: Found, tmp_path: Path) -> None:
    root = found(where="clones/risk", layout="documents")
    (root / ".gitattributes").write_text("* filter=x\n")
    commit(root)
    mirror, marker = tmp_path / "mirrors/risk.git", tmp_path / "started"
    git(tmp_path, "clone", "--quiet", "--bare", str(root), str(mirror))
    for name in ("post-checkout", "pre-commit", "reference-transaction"):
        hook = mirror / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
        hook.chmod(0o755)
    for key in ("filter.x.smudge", "filter.x.clean", "filter.x.process", "core.fsmonitor"):
        git(mirror, "--git-dir=.", "config", key, f"touch {marker}")

    (row,) = update(tmp_path / "mirrors")

    assert row.state == "updated", row.error
    assert not marker.exists()


def test_what_needs_a_person_is_listed_and_not_half_done(found: Found, tmp_path: Path) -> None:
    root = found(where="fleet/risk", layout="documents")
    edit(root / EVALS, ("Each dataset has a card", "No dataset has a card yet, said Ada,"))
    commit(root)

    (row,) = update(tmp_path / "fleet")

    assert (row.state, row.conflicts, row.commit) == ("conflicts", (EVALS,), "")
    assert "### To resolve by hand" in row.text
    assert git(root, "branch", "--list", "mlcharter-update") == ""
    assert git(root, "worktree", "list").count("\n") == 0


def test_a_second_run_does_nothing_twice(found: Found, tmp_path: Path) -> None:
    root = found(where="fleet/risk", layout="documents")
    found(version="v2.0.0", where="fleet/search", layout="documents")
    git(tmp_path, "init", "--quiet", "fleet/plain")
    commit(tmp_path / "fleet/plain")
    git(tmp_path, "init", "--quiet", "fleet/empty")
    first = update(tmp_path / "fleet")
    at = git(root, "rev-parse", "mlcharter-update")

    second = update(tmp_path / "fleet")

    assert [row.state for row in first] == ["failed", "not adopted", "updated", "current"]
    assert "Git has no files of `HEAD`" in first[0].error
    assert [row.state for row in second] == ["failed", "not adopted", "waiting", "current"]
    assert git(root, "rev-parse", "mlcharter-update") == at


def update_and_die(member: members.Member, before: str) -> None:
    """Update in a process that is killed before it calls a function."""

    def die(*args: object) -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    process = os.fork()
    if not process:
        setattr(updating, before, die)
        updating.update(member, OPTIONS)
    _, status = os.waitpid(process, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("before", ["_update", "_commit"])
def test_what_a_killed_update_leaves_is_removed_by_the_next(
    found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, bare: bool
) -> None:
    root = found(where="clones/risk", layout="documents")
    place = tmp_path / "fleet/risk"
    git(tmp_path, "clone", "--quiet", *(["--bare"] if bare else []), str(root), str(place))
    temporary, own = tmp_path / "temporary", tmp_path / "own"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    git(place, "worktree", "add", "--detach", "--quiet", str(own))
    own.rename(tmp_path / "moved")
    listed = git(place, "worktree", "list")
    [member] = members.find([place])

    update_and_die(member, before)
    assert len([*temporary.iterdir()]) == 1 and git(place, "worktree", "list") != listed
    updating.update(members.find([root])[0], OPTIONS)
    (row,) = update(place)

    assert (row.state, row.error) == ("updated", "")
    assert [*temporary.iterdir()] == []
    assert git(place, "worktree", "list") == listed


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["fleet", "update", *map(str, args)])


def test_the_command_prints_a_line_for_each_repository(found: Found, tmp_path: Path) -> None:
    found(where="fleet/risk", layout="documents")

    text = run(tmp_path / "fleet", "--to", "v2.0.0", "--branch", "charter-2")
    again = run(tmp_path / "fleet", "--to", "v2.0.0", "--branch", "charter-3", "--format", "jsonl")

    assert text.exit_code == 0, text.output
    assert text.stdout == (
        "updated     risk v1.0.0 → v2.0.0 on charter-2, 0 fail, 0 to approve\n"
        "\n1 repositories: 1 updated\n"
    )
    assert json.loads(again.stdout)["branch"] == "charter-3"
