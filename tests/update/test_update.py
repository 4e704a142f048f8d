"""`mlcharter update`: to another version or other answers, without losing a word."""

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from conftest import ANSWERS as GIVEN
from conftest import ROOT
from mlcharter.cli import cli
from mlcharter.template import allowed_folders, rendering
from mlcharter.template.template import Template
from mlcharter.update import updating
from mlcharter.update.journal import read_pending
from mlcharter.update.merging import trees
from mlcharter.update.merging.trees import File

EVALS = "docs/eval_pack.md"


def git(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(root: Path, tag: str | None = None) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "more")
    if tag:
        git(root, "tag", tag)


def edit(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, f"{path} has no {old!r}"
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def version_two(root: Path) -> None:
    edit(
        root / f"template/project/{EVALS}.jinja",
        ("Each dataset has a card", "Every dataset has a card"),
        ("Which rows decide", "Which rows really decide"),
        ("## Ablations", "## Leaks\n<!-- section: leaks -->\n\nNot written yet.\n\n## Ablations"),
    )
    edit(root / "template/project/.gitignore", ("\n", "\n*.orig\n"))
    (root / "template/project/local.cfg").write_text("from = template\n")
    (root / "template/project/logo.png").write_bytes(b"\x89PNG\0two")


RL = "template/tracks/rl/questions.yml"
SEVERAL = "    Several agents that act on each other: several-agents\n"


def version_three(root: Path) -> None:
    project = root / "template/project"
    (project / "docs/evals.md.jinja").write_bytes((project / f"{EVALS}.jinja").read_bytes())
    (project / f"{EVALS}.jinja").unlink()
    edit(project / "docs/evals.md.jinja", ("<!-- section: leaks -->", "<!-- section: leakage -->"))
    edit(project / "docs/evals.md.jinja", ("`data-cards`", "`cards-of-data`"))
    (project / "logo.png").write_bytes(b"\x89PNG\0three")
    (root / "template/renames.yml").write_text(
        f"files: {{{EVALS}: docs/evals.md}}\nsections: {{leaks: leakage}}\n"
        "items: {data-cards: cards-of-data}\nchoices: {rl_setting: {online: offline}}\n"
    )


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with the versions v1.0.0, v2.0.0 and v3.0.0, made of this checkout's."""
    root = tmp_path_factory.mktemp("history")
    shutil.copy(ROOT / "copier.yml", root)
    shutil.copytree(ROOT / "template", root / "template")
    for place in ("src", "data", "evals", "reports"):
        shutil.rmtree(root / "template/project" / place, ignore_errors=True)
    shutil.rmtree(root / "template/project/tests", ignore_errors=True)
    git(root, "init", "--quiet")
    edit(root / RL, (SEVERAL, f"    By acting: online\n{SEVERAL}"))
    commit(root, "v1.0.0")
    edit(root / RL, ("    By acting: online\n", ""))
    version_two(root)
    commit(root, "v2.0.0")
    version_three(root)
    commit(root, "v3.0.0")
    return root


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


Found = Callable[..., Path]


@pytest.fixture
def found(history: Path, tmp_path: Path) -> Found:
    """A repository founded on a version; committed."""

    def make(version: str = "v1.0.0", where: str = "repo", **answers: object) -> Path:
        root = tmp_path / where
        fresh(history, version, root, **answers)
        git(tmp_path, "init", "--quiet", str(root))
        commit(root)
        return root

    return make


def fresh(history: Path, version: str, into: Path, **answers: object) -> None:
    """What the version gives for these answers, from a template that the user has named."""
    allowed_folders.record(history)
    given = GIVEN | {"tracks": ["applied"]} | answers
    source = updating.Source(str(history))
    found = source.find_version(version)
    assert found is not None
    files = source.find_files(found.commit)
    assert files is not None
    made = Template(files, str(history), version)
    for path, file in updating.render(made, found.commit, given).items():
        place = into / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.data)
        place.chmod(0o755 if file.mode == trees.PROGRAM else 0o644)


def update(root: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["update", str(root), "--defaults", *words])


def fill(root: Path) -> None:
    edit(
        root / EVALS,
        ("Not written yet.", "Ours: the rule of Holm."),
        ("- [ ] `data-cards` Each dataset", "- [x] `data-cards` Each dataset"),
        ("gaps and synthetic share. <!--", "gaps and synthetic share. Evidence: [a](b.md) <!--"),
    )
    commit(root)


def tree(root: Path) -> dict[str, File]:
    return trees.read_tree(root)


def test_what_the_team_wrote_stays_and_what_is_new_arrives(found: Found) -> None:
    root = found()
    fill(root)

    result = update(root, "--to", "v2.0.0")

    text = (root / EVALS).read_text()
    assert result.exit_code == 0, result.output
    assert "Ours: the rule of Holm." in text and "## Leaks\n" in text
    assert (
        "- [x] `data-cards` Every dataset has a card that names origin, licence, gaps and "
        "synthetic share. Evidence: [a](b.md) <!-- from production -->\n" in text
    )
    assert "*.orig" in (root / ".gitignore").read_text()
    assert result.output == (
        "template v1.0.0 → v2.0.0\n"
        "  updated: .copier-answers.yml\n"
        "  updated: .gitignore\n"
        "  merged: docs/eval_pack.md\n"
        "      datasets: guidance changed, `data-cards` changed\n"
        "      leaks: new\n"
        "  new: local.cfg\n"
        "  new: logo.png\n"
        "written, not committed: look at `git diff`, then run `mlcharter check`\n"
        "`mlcharter update --abort` reverts it\n"
    )


def test_an_update_to_other_instruments_says_first_which_gates_may_move(
    found: Found, tmp_path: Path
) -> None:
    root = found()
    (root / "reports").mkdir()
    run = {"command": "x", "commit": None, "dirty": None, "seed": 7, "cpu_seconds": 1.0}
    run |= {"started_at": "2026-11-22T23:00:00+00:00", "python": "3.11.7", "packages": {}}
    content = {"version": 1, "track": "applied", "run": run, "datasets": [], "artifacts": []}
    content |= {"results": [], "methods": {"bca": "0", "wilson": "1"}}
    (root / "reports/applied.json").write_text(json.dumps(content))
    line = (
        "`bca` 0 → 1 gives other numbers; gates: none; run `make setup eval` to see the new bounds"
    )

    planned = update(root, "--to", "v2.0.0", "--dry-run")
    assert f"  note: {line}\n" in planned.stdout

    result = update(root, "--to", "v2.0.0", "--allow-dirty")
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"warning: {line}\ntemplate v1.0.0 → v2.0.0\n")


@pytest.mark.parametrize("version", ["v2.0.0", "v3.0.0"])
def test_an_update_of_a_filled_repository_weakens_nothing(found: Found, version: str) -> None:
    root = found()
    fill(root)
    update(root, "--to", version)

    result = CliRunner().invoke(cli, ["diff", "HEAD", "-C", str(root)])

    assert result.exit_code == 0, result.output
    assert "\nnothing weakens the charter\n" in result.output


def test_a_second_update_does_nothing(found: Found) -> None:
    root = found()
    fill(root)
    update(root)
    before = tree(root)

    result = update(root)

    assert (result.exit_code, tree(root)) == (0, before)
    assert "nothing to do" in result.output


@pytest.mark.parametrize("track", ["applied", "platform", "rag", "rl"])
@pytest.mark.parametrize("start", ["v1.0.0", "v2.0.0"])
def test_an_untouched_repository_becomes_a_fresh_one(
    found: Found, history: Path, tmp_path: Path, start: str, track: str
) -> None:
    root = found(start, tracks=[track])

    assert update(root).exit_code == 0

    fresh(history, "v3.0.0", tmp_path / "fresh", tracks=[track])
    assert tree(root) == tree(tmp_path / "fresh")


@pytest.mark.parametrize("track", ["applied", "platform", "rag", "rl"])
@pytest.mark.parametrize("start", ["v1.0.0", "v2.0.0"])
def test_several_versions_at_once_with_edits(found: Found, start: str, track: str) -> None:
    root = found(start, tracks=[track])
    edit(
        root / EVALS,
        ("Not written yet.", "Ours: the rule of Holm."),
        ("- [ ] `data-cards`", "- [x] `data-cards`"),
    )
    commit(root)

    result = update(root)

    text = (root / "docs/evals.md").read_text()
    assert result.exit_code == 0, result.output
    assert not (root / EVALS).exists()
    assert "Ours: the rule of Holm." in text and "- [x] `cards-of-data` Every" in text
    assert text.count("<!-- section: leakage -->") == 1


def test_adding_and_dropping_a_track_changes_answers_and_files(found: Found) -> None:
    root = found("v3.0.0")
    before = tree(root)

    added = update(root, "--track", "rl", "--to", "current")
    answers = yaml.safe_load((root / ".copier-answers.yml").read_text())
    commit(root)
    dropped = update(root, "--drop-track", "rl", "--to", "current")

    assert (added.exit_code, dropped.exit_code) == (0, 0)
    assert answers["tracks"] == ["applied", "rl"] and "rl_setting" in answers
    assert tree(root) == before


@pytest.mark.parametrize("version", ["v2.0.0", "v3.0.0"])
def test_an_answer_that_is_offered_no_more_becomes_the_one_that_replaces_it(
    found: Found, version: str
) -> None:
    root = found("v1.0.0", tracks=["rl"], rl_setting="online")

    result = update(root, "--to", version)

    assert result.exit_code == 0, result.output
    note = "rl_setting: the template no longer offers online; the answer is offline now"
    assert note in result.output
    assert yaml.safe_load((root / ".copier-answers.yml").read_text())["rl_setting"] == "offline"


def test_a_track_is_not_added_and_dropped_at_once(found: Found) -> None:
    result = update(found(), "--track", "rl", "--drop-track", "rl")

    assert result.exit_code == 2 and "the track rl is added and dropped" in result.output


def test_text_that_was_written_for_a_dropped_track_is_kept(found: Found) -> None:
    root = found("v3.0.0", tracks=["applied", "rl"])
    edit(root / "docs/reward_spec.md", ("Not written yet.", "Ours: reward is minutes saved."))
    commit(root)

    result = update(root, "--drop-track", "rl")

    assert result.exit_code == 0
    assert "Ours: reward is minutes saved." in (root / "docs/reward_spec.md").read_text()
    assert "kept: docs/reward_spec.md" in result.output


def conflicting(root: Path) -> None:
    edit(root / EVALS, ("Each dataset has a card", "A dataset has two cards"))
    commit(root)


def test_a_conflict_is_marked_and_the_exit_code_is_1(found: Found) -> None:
    root = found()
    conflicting(root)

    result = update(root)
    text = (root / "docs/evals.md").read_text()

    assert result.exit_code == 1, result.output
    assert text.count("<<<<<<< this repository\n- [ ] `cards-of-data` A dataset has two") == 1
    assert git(root, "diff", "--name-only", "--diff-filter=U") == "docs/evals.md"
    assert len(git(root, "ls-files", "--unmerged").splitlines()) == 3
    again = update(root)
    assert again.exit_code == 2 and "conflicts from an earlier" in again.output


def test_an_update_can_be_reverted(found: Found) -> None:
    root = found()
    conflicting(root)
    before = tree(root)
    update(root)

    result = CliRunner().invoke(cli, ["update", str(root), "--abort"])

    assert result.exit_code == 0, result.output
    assert tree(root) == before and git(root, "status", "--porcelain") == ""
    assert CliRunner().invoke(cli, ["update", str(root), "--abort"]).exit_code == 2


def test_a_committed_update_is_not_reverted(found: Found) -> None:
    root = found()
    update(root)
    commit(root)
    after = tree(root)

    result = CliRunner().invoke(cli, ["update", str(root), "--abort"])

    assert result.exit_code == 2 and "run `git revert`" in result.output
    assert tree(root) == after


def test_abort_takes_no_other_options(found: Found) -> None:
    root = found()
    update(root)
    after = tree(root)

    result = CliRunner().invoke(cli, ["update", str(root), "--abort", "--dry-run"])

    assert result.exit_code == 2 and "--abort takes no other options" in result.output
    assert tree(root) == after


def test_a_full_disk_is_reported_and_the_update_is_finished_later(
    found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = found()
    left = iter(range(3))

    def rename(*names: str, real: Callable[..., None] = os.rename, **folders: int) -> None:
        if (root / ".git/mlcharter/root/pending").is_dir() and next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device", names[0])
        real(*names, **folders)

    assert update(root, "--dry-run").exit_code == 0  # fills the cache
    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", rename)
        full = update(root)
    dry = update(root, "--dry-run")
    done = update(root)

    assert full.exit_code == 2 and "no space left on device" in full.output
    assert dry.exit_code == 2 and "this was interrupted: template v1.0.0 → v3.0.0" in dry.output
    assert done.exit_code == 0, done.output
    assert done.output.startswith("finished what was interrupted: template v1.0.0 → v3.0.0\n")
    assert update(root).output == "template v3.0.0\n  nothing to do\n"


def test_later_edits_are_moved_aside_by_abort(found: Found) -> None:
    root = found()
    update(root, "--to", "v2.0.0")
    edit(root / "local.cfg", ("template", "me"))

    result = CliRunner().invoke(cli, ["update", str(root), "--abort"])

    assert "local.cfg" in result.output
    aside = root / ".git/mlcharter/root/rescued/local.cfg"
    assert aside.read_text() == "from = me\n"


def test_dry_run_and_diff_write_nothing_and_the_patch_applies(found: Found) -> None:
    root = found()
    fill(root)
    before = tree(root)

    dry = update(root, "--dry-run")
    patch = update(root, "--diff")
    assert tree(root) == before and (dry.exit_code, patch.exit_code) == (0, 0)
    assert "moved to docs/evals.md" in dry.output

    (root.parent / "patch").write_text(patch.output)
    git(root, "apply", "--index", str(root.parent / "patch"))
    applied = tree(root)
    git(root, "reset", "--quiet", "--hard")
    update(root)
    assert tree(root) == applied


def test_the_report_can_be_the_text_of_a_pull_request(found: Found) -> None:
    root = found()
    conflicting(root)

    text = update(root, "--dry-run", "--format", "markdown").output

    assert text.startswith(
        "Update of the charter: template v1.0.0 → v3.0.0\n\n### To resolve by hand"
    )
    assert "- `docs/evals.md`: conflict\n  - datasets: both sides changed `cards-of-data`" in text


def test_an_ignored_file_of_the_team_is_never_overwritten(found: Found) -> None:
    root = found()
    edit(root / ".gitignore", ("\n", "\nlocal.cfg\n"))
    commit(root)
    (root / "local.cfg").write_text("secret\n")

    result = update(root, "--to", "v2.0.0")

    assert (root / "local.cfg").read_text() == "secret\n"
    assert result.exit_code == 1 and "left alone: local.cfg" in result.output


def test_a_file_that_both_added_is_a_conflict(found: Found) -> None:
    root = found()
    (root / "local.cfg").write_text("mine = 1\n")
    commit(root)

    result = update(root, "--to", "v2.0.0")

    assert result.exit_code == 1
    assert (root / "local.cfg").read_text() == (
        "<<<<<<< this repository\nmine = 1\n=======\nfrom = template\n>>>>>>> template\n"
    )


def test_a_binary_file_that_both_changed_stays_ours_and_is_a_conflict(found: Found) -> None:
    root = found("v2.0.0")
    (root / "logo.png").write_bytes(b"\x89PNG\0ours")
    commit(root)

    result = update(root)

    assert result.exit_code == 1 and "left alone: logo.png" in result.output
    assert (root / "logo.png").read_bytes() == b"\x89PNG\0ours"
    assert git(root, "diff", "--name-only", "--diff-filter=U") == "logo.png"


def test_modes_and_links_of_the_team_stay(found: Found) -> None:
    root = found("v2.0.0")
    (root / EVALS).chmod(0o755)
    (root / "local.cfg").unlink()
    (root / "local.cfg").symlink_to("elsewhere")
    commit(root)

    result = update(root)

    assert result.exit_code == 0, result.output
    assert (root / "docs/evals.md").stat().st_mode & 0o111
    assert (root / "local.cfg").readlink() == Path("elsewhere")


def test_a_file_that_the_team_deleted_stays_deleted(found: Found) -> None:
    root = found()
    (root / EVALS).unlink()
    commit(root)

    result = update(root)

    assert result.exit_code == 0 and not (root / "docs/evals.md").exists()
    assert "it is no longer here, so the template's change is not added" in result.output


def test_a_document_that_the_team_renamed_is_followed(found: Found) -> None:
    root = found()
    fill(root)
    git(root, "mv", EVALS, "docs/how_we_measure.md")
    commit(root)

    assert update(root, "--to", "v2.0.0").exit_code == 0

    assert "## Leaks" in (root / "docs/how_we_measure.md").read_text()
    assert not (root / EVALS).exists()


def test_windows_line_ends_stay(found: Found) -> None:
    root = found()
    fill(root)
    path = root / EVALS
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    commit(root)

    assert update(root, "--to", "v2.0.0").exit_code == 0

    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") and b"## Leaks\r\n" in data


def test_a_link_in_the_way_is_not_followed(found: Found, tmp_path: Path) -> None:
    root = found()
    outside = tmp_path / "outside"
    shutil.move(root / "docs", outside)
    (root / "docs").symlink_to(outside)
    commit(root)
    before = tree(outside)

    update(root)

    assert tree(outside) == before


def test_a_dirty_tree_is_refused_unless_the_update_leaves_it_alone(found: Found) -> None:
    root = found()
    (root / "notes.txt").write_text("mine\n")

    refused = update(root)
    accepted = update(root, "--allow-dirty")

    assert refused.exit_code == 2 and "uncommitted changes: notes.txt" in refused.output
    assert accepted.exit_code == 0 and (root / "notes.txt").read_text() == "mine\n"


def test_an_edit_that_the_update_would_touch_is_refused_even_then(found: Found) -> None:
    root = found()
    edit(root / EVALS, ("Not written yet.", "Ours."))
    before = tree(root)

    result = update(root, "--allow-dirty")

    assert result.exit_code == 2 and tree(root) == before


def test_a_repository_without_a_commit_can_be_updated(history: Path, tmp_path: Path) -> None:
    root = tmp_path / "repo"
    fresh(history, "v1.0.0", root)
    git(tmp_path, "init", "--quiet", str(root))
    conflicting_line = ("Each dataset has a card", "A dataset has two cards")
    edit(root / EVALS, conflicting_line)

    result = update(root, "--to", "v2.0.0")

    assert result.exit_code == 1, result.output
    assert len(git(root, "ls-files", "--unmerged").splitlines()) == 3


def test_a_package_of_a_monorepo_is_updated_alone(history: Path, tmp_path: Path) -> None:
    top = tmp_path / "mono"
    root = top / "packages" / "watch"
    fresh(history, "v1.0.0", root)
    git(tmp_path, "init", "--quiet", str(top))
    commit(top)
    (top / "other.txt").write_text("somebody else's edit\n")
    conflicting(root)
    (top / "other.txt").write_text("and another\n")

    result = update(root, "--to", "v2.0.0")

    assert result.exit_code == 1, result.output
    assert git(top, "diff", "--name-only", "--diff-filter=U") == f"packages/watch/{EVALS}"
    assert (top / "other.txt").read_text() == "and another\n"


def test_outside_git_it_is_refused(history: Path, tmp_path: Path) -> None:
    fresh(history, "v1.0.0", tmp_path / "repo")

    result = update(tmp_path / "repo")

    assert result.exit_code == 2 and "is not in a Git repository" in result.output


def test_an_older_version_is_refused_unless_asked_for(found: Found) -> None:
    root = found("v2.0.0")

    refused = update(root, "--to", "v1.0.0")
    done = update(root, "--to", "v1.0.0", "--downgrade")

    assert refused.exit_code == 2 and "add --downgrade" in refused.output
    assert done.exit_code == 0 and "## Leaks" not in (root / EVALS).read_text()


def test_a_missing_version_is_reported_and_can_be_given_with_base(
    history: Path, found: Found, tmp_path: Path
) -> None:
    source = tmp_path / "moved-source"
    shutil.copytree(history, source)
    root = found()
    edit(root / ".copier-answers.yml", ("_commit: v1.0.0", "_commit: v0.9.0"))
    commit(root)

    result = update(root)
    assert result.exit_code == 2 and "give --base DIR" in result.output
    empty = update(root, "--base", str(tmp_path / "repo/docs"))
    assert empty.exit_code == 2 and "it has no copier.yml" in empty.output

    git(source, "checkout", "--quiet", "v1.0.0")
    given = update(root, "--base", str(source))
    assert given.exit_code == 0, given.output
    assert "_commit: v3.0.0" in (root / ".copier-answers.yml").read_text()


def test_a_version_in_the_cache_needs_no_source(history: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(history, source)
    root = tmp_path / "repo"
    fresh(source, "v1.0.0", root)
    git(tmp_path, "init", "--quiet", str(root))
    commit(root)
    git(source, "tag", "--delete", "v1.0.0")

    assert update(root).exit_code == 0


def test_a_choice_that_is_gone_does_not_reset_the_answer(history: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(history, source)
    edit(
        source / "copier.yml",
        ("    Reinforcement learning, a policy that acts: rl\n", ""),
    )
    commit(source, "v4.0.0")
    root = tmp_path / "repo"
    fresh(source, "v3.0.0", root, tracks=["rag", "rl"])
    git(tmp_path, "init", "--quiet", str(root))
    commit(root)

    result = update(root)

    assert result.exit_code == 0, result.output
    assert yaml.safe_load((root / ".copier-answers.yml").read_text())["tracks"] == ["rag"]
    assert "tracks: the template no longer offers rl" in result.output


def test_plain_copier_update_continues_from_there(found: Found, history: Path) -> None:
    root = found()
    update(root, "--to", "v2.0.0")
    commit(root)

    command = [sys.executable, "-m", "copier", "update", "--defaults", "--quiet", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "_commit: v3.0.0" in (root / ".copier-answers.yml").read_text()
    assert (root / "docs/evals.md").is_file()


@pytest.mark.parametrize(
    "damage, said",
    [
        (None, "has no .copier-answers.yml"),
        ("[", "can't be read"),
        ("_commit: v1\ntracks: [applied]\n", "has no valid `_src_path`"),
        ("- a\n", "it is not a mapping of answers"),
    ],
)
def test_a_broken_answers_file_is_reported(found: Found, damage: str | None, said: str) -> None:
    root = found()
    path = root / ".copier-answers.yml"
    path.unlink() if damage is None else path.write_text(damage)

    result = update(root)

    assert result.exit_code == 2 and said in result.output and "Traceback" not in result.output


def test_two_updates_at_once_are_refused(found: Found) -> None:
    import fcntl

    root = found()
    folder = root / ".git/mlcharter/root"
    folder.mkdir(parents=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = update(root)

    assert result.exit_code == 2 and "another update" in result.output


def test_after_kill_9_at_fifty_moments_it_is_finished_or_reverted(found: Found) -> None:
    """Real processes that update a repository; two of three kills fall into the writing."""
    root = found()
    fill(root)
    before, folder = tree(root), root / ".git/mlcharter/root"
    request = updating.UpdateRequest(tracks=["rl"])
    whole, writing = timed(root, request, folder)
    after = tree(root)
    updating.abort(root)
    chance = random.Random(7)
    states = []
    for attempt in range(50):
        child = started(root, request)
        if attempt % 3:
            waited_for(folder, child)
        time.sleep(chance.random() * (writing if attempt % 3 else whole))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        here = tree(root)
        states.append("half" if here not in (before, after) else "old" if here == before else "new")
        if attempt % 3:
            writing *= 0.8 if here == after else 1.1  # this machine has other work at times
        if attempt % 2 == 0:
            updating.update(root, request, write=True)
            assert tree(root) == after
        if attempt % 2 == 0 or here == after or read_pending(folder):
            updating.abort(root)
        assert read_pending(folder) is None and tree(root) == before
        assert git(root, "status", "--porcelain") == ""
    assert states.count("half") >= 10, states


def started(root: Path, request: updating.UpdateRequest) -> int:
    """A process of its own that updates, and does nothing else."""
    child = os.fork()
    if child == 0:
        try:
            updating.update(root, request, write=True)
        finally:
            os._exit(0)
    return child


def waited_for(folder: Path, child: int) -> None:
    """Until the update's journal counts, from which on files are written."""
    ended = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while not (folder / "pending").is_dir() and os.waitid(os.P_PID, child, ended) is None:
        time.sleep(0.0002)


def timed(root: Path, request: updating.UpdateRequest, folder: Path) -> tuple[float, float]:
    """The seconds of an update, and those of its writing; it is done then."""
    updating.update(root, request, write=False)  # fills the cache
    start = time.monotonic()
    child = started(root, request)
    waited_for(folder, child)
    middle = time.monotonic()
    os.waitpid(child, 0)
    end = time.monotonic()
    return end - start, end - middle


def test_rendering_is_copiers(history: Path, tmp_path: Path) -> None:
    """A kept render is what Copier gives for the same answers."""
    files = updating.Source(str(history)).find_files(git(history, "rev-parse", "v2.0.0"))
    assert files is not None
    made = Template(files, str(history), "v2.0.0")
    answers = GIVEN | {"tracks": ["rag"]}
    rendering.render(made, tmp_path / "plain", answers=answers, suggestions={})

    fresh(history, "v2.0.0", tmp_path / "kept", tracks=["rag"])

    assert tree(tmp_path / "kept") == tree(tmp_path / "plain")
