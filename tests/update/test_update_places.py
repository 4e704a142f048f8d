"""`mlcharter update` where a part of the repository is not on disk, or none can be written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_update import (
    EVALS,
    Found,
    _cache,  # noqa: F401
    commit,
    edit,
    fill,
    found,  # noqa: F401
    git,
    history,  # noqa: F401
    tree,
    update,
)

from mlcharter.update import updating

# Sparse checkouts


@pytest.mark.field(20, "a sparse checkout that leaves out what the update changes")
def test_a_sparse_checkout_is_refused_where_the_template_changes_what_is_left_out(
    found: Found,  # noqa: F811
) -> None:
    root = found()
    fill(root)
    git(root, "sparse-checkout", "set", "ops")
    before = tree(root)

    result = update(root, "--to", "v2.0.0")

    assert (result.exit_code, tree(root)) == (2, before)
    assert result.output == (
        "error: outside the sparse checkout: docs/eval_pack.md\n"
        "  hint: run `git sparse-checkout add docs`, then try again\n"
    )

    git(root, "sparse-checkout", "add", "docs")

    assert update(root, "--to", "v2.0.0").exit_code == 0
    assert "Ours: the rule of Holm." in (root / EVALS).read_text()


@pytest.mark.field(20, "the plan for a sparse checkout")
def test_the_plan_for_a_sparse_checkout_is_that_of_a_whole_one(found: Found) -> None:  # noqa: F811
    root = found()
    fill(root)
    whole = update(root, "--to", "v2.0.0", "--diff").output
    told = update(root, "--to", "v2.0.0", "--dry-run").output
    git(root, "sparse-checkout", "set", "ops")

    assert update(root, "--to", "v2.0.0", "--diff").output == whole
    assert update(root, "--to", "v2.0.0", "--dry-run").output == told.replace(
        "v2.0.0\n", "v2.0.0\n  note: outside the sparse checkout: docs/eval_pack.md\n", 1
    )


@pytest.mark.field(20, "a sparse checkout that leaves out other files")
def test_a_sparse_checkout_is_updated_if_what_it_leaves_out_stays_the_same(found: Found) -> None:  # noqa: F811
    root = found()
    fill(root)
    git(root, "sparse-checkout", "set", "docs")

    result = update(root, "--to", "v2.0.0")

    assert result.exit_code == 0, result.output
    assert "Ours: the rule of Holm." in (root / EVALS).read_text()
    assert not (root / "ops").exists()
    assert git(root, "status", "--short") == (
        "M .copier-answers.yml\n M .gitignore\n M docs/eval_pack.md\n?? local.cfg\n?? logo.png"
    )


@pytest.mark.field(20, "a sparse checkout without the answers file")
def test_a_sparse_checkout_without_the_answers_is_refused(
    found: Found,  # noqa: F811
) -> None:
    root = found()
    git(root, "sparse-checkout", "set", "--no-cone", "/docs/*")

    assert update(root).output == (
        "error: outside the sparse checkout: .copier-answers.yml\n"
        "  hint: run `git sparse-checkout add /.copier-answers.yml`, then try again\n"
    )


@pytest.mark.field(20, "a path marked skip-worktree by hand")
def test_a_path_marked_by_hand_says_how_to_get_it_back(found: Found) -> None:  # noqa: F811
    root = found()
    git(root, "update-index", "--skip-worktree", EVALS)
    (root / EVALS).unlink()

    assert update(root, "--to", "v2.0.0").output == (
        f"error: outside the sparse checkout: {EVALS}\n"
        f"  hint: run `git update-index --no-skip-worktree {EVALS} && git restore {EVALS}`\n"
    )


# File systems that can't be written


def read_only(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run mlcharter where nothing below a folder can be written."""
    script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0/repo" && exec "$@"'
    unshare = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, str(folder)]
    tried = shutil.which("unshare") and subprocess.run(
        [*unshare[:-1], str(folder), "true"], capture_output=True
    )
    if not tried or tried.returncode:
        pytest.skip("no read-only mount here: unshare(1) is missing or not allowed")
    return subprocess.run(
        [*unshare, sys.executable, "-m", "mlcharter", *words],
        capture_output=True,
        text=True,
        env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache")},
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.field(22, "`update --dry-run` on a read-only file system")
@pytest.mark.parametrize("cached", [True, False], ids=["with a cache", "without one"])
def test_a_dry_run_works_on_a_read_only_file_system(
    found: Found,  # noqa: F811
    tmp_path: Path,
    cached: bool,
) -> None:
    root = found()
    fill(root)
    expected = update(root, "--to", "v2.0.0", "--dry-run").output
    if cached:
        shutil.copytree(os.environ["XDG_CACHE_HOME"], tmp_path / "cache")
    before = tree(tmp_path)

    done = read_only(tmp_path, "update", "--to", "v2.0.0", "--dry-run")

    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")
    assert tree(tmp_path) == before


@pytest.mark.field(22, "`adopt --dry-run` on a read-only file system")
def test_adopting_is_tried_on_a_read_only_file_system(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "--quiet")
    (root / "train.py").write_text("print('trained')\n")
    commit(root)
    before = tree(tmp_path)

    done = read_only(tmp_path, "adopt", "--dry-run", "--defaults")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("nothing was written; run without --dry-run to write\n")
    assert tree(tmp_path) == before


def test_a_dry_run_takes_no_lock(found: Found) -> None:  # noqa: F811
    root = found()
    journal = updating.Repository(root).journal

    update(root, "--dry-run")

    assert not journal.exists()


# What is in the way


def test_a_file_behind_a_link_is_not_called_missing(found: Found, tmp_path: Path) -> None:  # noqa: F811
    root = found()
    (tmp_path / "elsewhere").mkdir()
    shutil.move(root / "docs", tmp_path / "elsewhere/docs")
    (root / "docs").symlink_to(tmp_path / "elsewhere/docs")
    commit(root)

    result = update(root, "--to", "v2.0.0", "--dry-run")

    assert "  left alone: docs/eval_pack.md\n      note: docs is in the way\n" in result.output


# Files that a formatter has laid out


def test_a_removed_document_that_only_a_formatter_changed_is_removed(found: Found) -> None:  # noqa: F811
    root = found("v2.0.0")
    edit(root / EVALS, ("## Datasets\n", "## Datasets\n\n"))
    commit(root)

    result = update(root)

    assert result.exit_code == 0, result.output
    assert not (root / EVALS).exists() and "## Datasets\n\n" in (root / "docs/evals.md").read_text()
