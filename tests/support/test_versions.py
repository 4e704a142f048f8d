"""The version of a template that is chosen and recorded is the same for all commands."""

import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from test_update import Found, edit, found, history, update
from test_update import git as plain_git

from mlcharter.cli import cli
from mlcharter.support import git, versions
from mlcharter.template import allowed_folders

__all__ = ["found", "history"]


@pytest.mark.field(11, "the order of tags")
@pytest.mark.parametrize(
    ("tags", "newest"),
    [
        (["v1.0.0", "vendor-2019"], "v1.0.0"),
        (["v1.0.0", "v2.0.0-rc1", "v2.0.0.dev1"], "v1.0.0"),
        (["1.0.0", "1.10.0", "1.9.0"], "1.10.0"),
        (["v1.0.0", "1.1.0", "v1", "latest"], "1.1.0"),
        (["v1", "v1.0.0", "1.0"], "v1.0.0"),
        (["2024.1", "2023.12"], "2024.1"),
        (["v1.0.0", "v1.0.0.post1"], "v1.0.0.post1"),
        (["latest", "vendor-2019", "v" + "9" * 5000], None),
        ([], None),
    ],
)
def test_the_newest_release_is_chosen_by_pep_440(tags: list[str], newest: str | None) -> None:
    assert versions.newest(tags) == versions.newest(reversed(tags)) == newest


@pytest.mark.parametrize(
    "name",
    ["v1.2.0", "1.2.0", "v2.0.0rc1", "2024.1.2", "a" * 40, "v1.0.0-3-g1f3a9c5", "x-2-gabcdef0"],
)
def test_a_name_that_always_means_one_commit_is_fixed(name: str) -> None:
    assert versions.is_fixed(name)


@pytest.mark.parametrize(
    "name", ["v1", "v1.2", "1", "latest", "main", "HEAD", "vendor-2019", "abc1234"]
)
def test_a_name_that_may_move_is_not_fixed(name: str) -> None:
    assert not versions.is_fixed(name)


@pytest.mark.field(11, "what is recorded never moves")
@pytest.mark.parametrize(
    ("asked", "tags", "recorded"),
    [
        ("v1.2.0", ["v1.2.0", "v1"], "v1.2.0"),
        ("v1", ["v1.2.0", "v1"], "v1.2.0"),
        ("v1", ["v1", "latest"], "c" * 40),
        ("main", [], "c" * 40),
        ("v2.0.0rc1", ["v2.0.0rc1", "v2.0.0"], "v2.0.0rc1"),
    ],
)
def test_a_recorded_name_never_moves(asked: str, tags: list[str], recorded: str) -> None:
    assert versions.recorded("c" * 40, tags, asked) == recorded


@pytest.fixture
def source(history: Path, tmp_path: Path) -> Path:
    """Provide a template whose newest release is v3.0.0, with other tags too."""
    root = tmp_path / "source"
    shutil.copytree(history, root)
    for tag in ("vendor-2019", "latest", "v3"):
        plain_git(root, "tag", tag)
    (root / "template/project/next.txt").write_text("next\n")
    plain_git(root, "add", "--all")
    plain_git(root, "commit", "--quiet", "-m", "next")
    plain_git(root, "tag", "v4.0.0-rc1")
    return root


def new(source: Path, into: Path, *args: str) -> dict[str, str]:
    command = ["new", str(into), "--defaults", "--template", str(source), *args]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0, done.output
    return dict(yaml.safe_load((into / ".copier-answers.yml").read_text()))


@pytest.mark.field(11, "`new` and `update` take the same version")
def test_new_and_update_choose_the_same_version(source: Path, tmp_path: Path) -> None:
    recorded = new(source, tmp_path / "x")
    done = update(tmp_path / "x")

    assert recorded["_commit"] == "v3.0.0"
    assert done.output.startswith("template v3.0.0\n") and done.exit_code == 0


@pytest.mark.field(11, "moving tags")
def test_a_moving_tag_is_recorded_as_its_current_commit_or_version(
    source: Path, tmp_path: Path
) -> None:
    """`v3` moves to a commit without a release, and the repository is still updated."""
    plain_git(source, "tag", "--delete", "v4.0.0-rc1")
    plain_git(source, "tag", "--force", "v3")
    head = plain_git(source, "rev-parse", "HEAD")
    recorded = new(source, tmp_path / "x", "--ref", "v3")
    (source / "template/project/next.txt").write_text("after\n")
    plain_git(source, "commit", "--all", "--quiet", "-m", "after")
    plain_git(source, "tag", "--force", "v3")
    done = update(tmp_path / "x", "--to", "v3")

    assert recorded["_commit"] == head
    assert done.exit_code == 0 and (tmp_path / "x/next.txt").read_text() == "after\n"


@pytest.mark.field(11, "moving tags")
def test_a_recorded_moving_tag_is_reported_and_replaced(found: Found) -> None:
    root = found("v3.0.0")
    source = Path(yaml.safe_load((root / ".copier-answers.yml").read_text())["_src_path"])
    plain_git(source, "tag", "--force", "v3", "v3.0.0")
    edit(root / ".copier-answers.yml", ("_commit: v3.0.0", "_commit: v3"))
    plain_git(root, "commit", "--all", "--quiet", "-m", "v3")
    done = update(root)
    plain_git(source, "tag", "--delete", "v3")

    assert done.exit_code == 0, done.output
    assert "the recorded version `v3` can move" in done.output
    assert "_commit: v3.0.0\n" in (root / ".copier-answers.yml").read_text()


def test_the_pin_of_a_checkout_is_not_a_moving_tag(source: Path) -> None:
    assert git.exact_version(source) == "v4.0.0-rc1"
    plain_git(source, "checkout", "--quiet", "v3.0.0")
    assert git.exact_version(source) == "v3.0.0"
    plain_git(source, "tag", "--delete", "v3.0.0")
    assert git.exact_version(source) == plain_git(source, "rev-parse", "HEAD")


# A missing source, or one with renamed branches


@pytest.mark.field(12, "a renamed default branch of the template")
def test_a_default_branch_that_was_renamed_is_followed(source: Path, tmp_path: Path) -> None:
    """Without a release, HEAD is used, whatever the name of its branch."""
    for tag in plain_git(source, "tag").split():
        plain_git(source, "tag", "--delete", tag)
    new(source, tmp_path / "x")
    plain_git(source, "branch", "--move", "trunk")
    (source / "template/project/next.txt").write_text("after\n")
    plain_git(source, "commit", "--all", "--quiet", "-m", "after")
    done = update(tmp_path / "x")

    assert done.exit_code == 0, done.output
    assert (tmp_path / "x/next.txt").read_text() == "after\n"


@pytest.mark.field(12, "a default branch that is gone")
def test_a_missing_default_branch_is_reported(source: Path, tmp_path: Path) -> None:
    for tag in plain_git(source, "tag").split():
        plain_git(source, "tag", "--delete", tag)
    new(source, tmp_path / "x")
    plain_git(source, "branch", "trunk")
    plain_git(source, "symbolic-ref", "HEAD", "refs/heads/gone")
    plain_git(source, "branch", "--delete", "--force", "main")
    done = update(tmp_path / "x")

    assert done.exit_code == 2
    assert done.stderr == (
        f"error: {source} has no release and no default branch\n"
        "  hint: name a version with `update --to` or `new --ref`: it has trunk\n"
    )


def test_a_recorded_branch_that_is_missing_is_reported(source: Path, tmp_path: Path) -> None:
    new(source, tmp_path / "x", "--ref", "v2.0.0")
    edit(tmp_path / "x/.copier-answers.yml", ("_commit: v2.0.0", "_commit: main"))
    plain_git(tmp_path / "x", "commit", "--all", "--quiet", "-m", "main")
    plain_git(source, "branch", "--move", "trunk")
    done = update(tmp_path / "x")

    assert done.exit_code == 2
    assert f"error: version main of the template is no longer in {source}\n" in done.stderr
    assert "give --base DIR" in done.stderr and "it has v3.0.0" in done.stderr


@pytest.mark.field(12, "a source that is gone")
def test_a_missing_source_is_reported_even_if_all_is_cached(source: Path, tmp_path: Path) -> None:
    new(source, tmp_path / "x")
    assert update(tmp_path / "x").exit_code == 0
    source.rename(tmp_path / "elsewhere")
    done = update(tmp_path / "x")
    current = update(tmp_path / "x", "--to", "current", "--tier", "critical")

    assert done.exit_code == 2
    assert f"error: {source} can't be reached: there is no folder {source}\n" in done.stderr
    assert "to the template's address" in done.stderr
    assert "add --base DIR" in done.stderr
    assert "to change answers at the same version, add --to current" in done.stderr
    assert current.exit_code == 0, current.output


def test_using_a_folder_allows_it(source: Path, tmp_path: Path) -> None:
    assert not allowed_folders.is_known(source)
    new(source, tmp_path / "x")
    assert allowed_folders.is_known(source)
