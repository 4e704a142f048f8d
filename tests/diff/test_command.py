"""`mlcharter diff` in a Git repository: bases, staged content, shallow clones, hostile names."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_charter import FILES

from mlcharter.cli import cli

PACK = "docs/eval_pack.md"
WEAKER = 'gates "recall-min" threshold: 0.9 → 0.8; needs the approval of @acme/fraud'


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a repository with one commit as the working directory."""
    for name in [name for name in os.environ if name.startswith(("GITHUB_", "CI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "fraud"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    git(root, "init", "--quiet")
    monkeypatch.chdir(root)
    return root


def commit(root: Path) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "State")
    return git(root, "rev-parse", "HEAD")


def lower(root: Path) -> None:
    text = (root / PACK).read_text().replace("threshold: 0.9\n", "threshold: 0.8\n")
    (root / PACK).write_text(text)


def diff(*words: str) -> Result:
    result = CliRunner().invoke(cli, ["diff", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_branch_is_compared_with_its_merge_base(root: Path) -> None:
    commit(root)
    git(root, "switch", "--quiet", "--create", "feature")
    lower(root)
    commit(root)

    result = diff()

    assert result.exit_code == 1
    first, _, head, _ = result.output.splitlines()
    assert first == f"{PACK}:19: weakens: {WEAKER}"
    assert head == "1 difference weakens the charter, 1 without approval"


def test_staged_content_is_compared_with_head(root: Path) -> None:
    assert diff("--staged").output.splitlines()[-1] == (
        "there is no commit yet, so there is nothing to weaken"
    )
    commit(root)
    lower(root)
    assert diff("--staged").exit_code == 0
    git(root, "add", "--all")
    (root / PACK).write_text(FILES[PACK])

    assert WEAKER in diff("--staged").output


def test_a_hook_counts_by_file_what_a_person_must_judge(root: Path) -> None:
    gate = FILES[PACK].partition("- id: recall-min\n")[2].partition("- id:")[0]
    more = "".join(f"- id: starter-{n}\n  starter: true\n{gate}" for n in range(12))
    (root / PACK).write_text(FILES[PACK].replace("- id: recall-min", f"{more}- id: recall-min"))
    before = commit(root)
    (root / PACK).write_text(FILES[PACK])
    lower(root)
    git(root, "add", "--all")

    result = diff("--staged", "--format", "short")

    assert result.exit_code == 1
    assert result.output == (
        f"{PACK}:19: weakens: {WEAKER}\n"
        f"{PACK}: needs a person: gates (12)\n"
        f"one by one: `mlcharter diff {before[:12]}`\n"
        "\n"
        "1 difference weakens the charter, 1 without approval\n"
        f"compared with HEAD ({before[:12]}): 12 for a person to judge, 0 tighten, 0 neutral\n"
    )
    assert diff(before[:12]).output.count("needs a person: gates") == 12


def test_the_merge_commit_of_a_pull_request_is_enough(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others lowered at the base is not the change's; the clone has depth 2."""
    base = commit(root)
    git(root, "switch", "--quiet", "--create", "feature")
    lower(root)
    head = commit(root)
    git(root, "switch", "--quiet", "main")
    (root / ".mlcharter.yml").write_text("level: draft\n")
    commit(root)
    git(root, "merge", "--quiet", "--no-ff", "--no-edit", "feature")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{root}", str(shallow))
    event = {"pull_request": {"base": {"sha": base}, "head": {"sha": head}, "commits": 1}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(tmp_path / "event.json"))

    found = json.loads(diff("-C", str(shallow), "--format", "json").output)["differences"]

    assert [d["message"] for d in found] == [WEAKER]


def test_a_shallow_clone_says_how_deep_it_must_be(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = commit(root)
    lower(root)
    head = commit(root)
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", str(shallow))
    event = {"pull_request": {"base": {"sha": base}, "head": {"sha": head}, "commits": 1}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(tmp_path / "event.json"))

    result = diff("-C", str(shallow))

    assert result.exit_code == 2
    assert "this clone is shallow and has 1 commit of HEAD; fetch at least 2" in result.output


def test_without_a_branch_to_compare_with_it_says_so(root: Path, tmp_path: Path) -> None:
    """As in a shallow clone of one branch by a CI host that we do not know."""
    commit(root)
    git(root, "branch", "--move", "feature")
    lower(root)
    commit(root)
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", str(shallow))
    git(shallow, "remote", "remove", "origin")

    result = diff("-C", str(shallow))

    assert result.exit_code == 2
    assert "there is none of the branches origin/HEAD, origin/main" in result.output
    assert "name the base: `mlcharter diff REF`; or fetch the default branch" in result.output


@pytest.mark.parametrize("form", ["text", "json", "markdown", "sarif", "github", "gitlab"])
def test_every_format_shows_what_weakens(root: Path, form: str) -> None:
    commit(root)
    lower(root)

    result = diff("--format", form)

    assert result.exit_code == 1
    assert "threshold" in result.output


@pytest.mark.hostile("names and trees for `diff`")
@pytest.mark.parametrize("name", ["--output=ran", "--exec=touch ran", "x y", "$(touch ran)", "\n"])
def test_a_hostile_name_of_a_commit_is_no_option(root: Path, name: str) -> None:
    commit(root)

    result = diff("--", name)

    assert result.exit_code == 2
    assert not (root / "ran").exists()


@pytest.mark.hostile("names and trees for `diff`")
def test_hostile_files_at_the_base_are_data(root: Path) -> None:
    """A huge document, links out of the repository, and a filter that would run a program."""
    text = FILES[PACK]
    (root / PACK).write_text(text + "x" * (2 * 1024 * 1024))
    (root / "CODEOWNERS").unlink()
    (root / "CODEOWNERS").symlink_to("/etc/passwd")
    (root / "proofs.json").write_text("[" * 100_000)
    git(root, "config", "filter.x.smudge", "touch ran")
    git(root, "config", "core.fsmonitor", "touch ran")
    (root / ".gitattributes").write_text("*.md filter=x diff=x\n")
    commit(root)
    (root / "ran").unlink(
        missing_ok=True
    )  # Git itself, as it committed, ran the repository's program
    (root / PACK).write_text(text)

    result = diff("HEAD")

    assert result.exit_code in (0, 1)
    assert not (root / "ran").exists()


@pytest.mark.hostile("names and trees for `diff`")
def test_a_document_that_becomes_a_pointer_of_git_lfs_weakens(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the disk it looks as before, but the next change would be compared with the pointer."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(root.parent / "config"))
    (root.parent / "stored.md").write_text(FILES[PACK])
    clean = "echo version https://git-lfs.github.com/spec/v1"
    git(root, "config", "--global", "filter.lfs.clean", clean)
    git(root, "config", "--global", "filter.lfs.smudge", f"cat {root.parent / 'stored.md'}")
    git(root, "config", "--global", "user.name", "Bo")
    git(root, "config", "--global", "user.email", "bo@acme.example")
    git(root, "config", "--global", "init.defaultBranch", "main")
    commit(root)
    git(root, "branch", "--move", "--force", "main")
    git(root, "switch", "--quiet", "--create", "feature")
    (root / ".gitattributes").write_text("docs/eval_pack.md filter=lfs\n")
    git(root, "add", "--renormalize", ".")
    commit(root)
    assert (root / PACK).read_text() == FILES[PACK]
    assert git(root, "status", "--porcelain") == ""

    assert 'weakens: gates "recall-min": removed' in diff("main").output


@pytest.mark.hostile("names and trees for `diff`")
def test_a_change_that_hides_a_document_behind_a_link_or_its_size_weakens(root: Path) -> None:
    commit(root)
    (root / PACK).write_text(FILES[PACK] + "x" * (2 * 1024 * 1024))
    assert 'weakens: gates "recall-min": removed' in diff().output
    (root / PACK).unlink()
    (root / PACK).symlink_to("/etc/passwd")

    assert 'weakens: gates "recall-min": removed' in diff().output


ELSEWHERE = f"a/{PACK}:19: weakens: {WEAKER}"


@pytest.mark.parametrize("staged", [(), ("--staged",)], ids=["folder", "index"])
def test_a_new_charter_in_a_subfolder_weakens_nothing(root: Path, staged: tuple[str, ...]) -> None:
    (root / "README.md").write_text("Two systems.\n")
    commit(root)
    shutil.copytree(root, root / "a", ignore=shutil.ignore_patterns(".git"))
    lower(root / "a")
    git(root, "add", "--all")

    result = diff("-C", "a", *staged)

    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "nothing weakens the charter",
        f"compared with {BASES[staged]} ({git(root, 'rev-parse', 'HEAD')[:12]}): "
        "0 for a person to judge, 0 tighten, 0 neutral",
        "the base has no charter here, so all of it is new, and there is nothing to weaken",
    ]


BASES = {(): "the merge base with main", ("--staged",): "HEAD"}


@pytest.mark.parametrize("staged", [(), ("--staged",)], ids=["folder", "index"])
@pytest.mark.parametrize("before", ["", "old"], ids=["the top", "another folder"])
def test_a_moved_charter_is_compared_with_where_it_was(
    root: Path, before: str, staged: tuple[str, ...]
) -> None:
    if before:
        move(root, before)
    commit(root)
    move(root / before, "../a" if before else "a")
    lower(root / "a")
    git(root, "add", "--all")

    result = diff("-C", "a", *staged)

    assert result.exit_code == 1, result.output
    assert ELSEWHERE in result.output.splitlines()
    note = f"the charter was in {before or '.'}/ at the base, and is compared with that"
    assert note in result.output


def test_of_several_charters_that_are_gone_the_others_are_named(root: Path) -> None:
    for name in ("b", "c"):
        shutil.copytree(root, root / name, ignore=shutil.ignore_patterns(".git", "b"))
    (root / "c/only.md").write_text("Here only.\n")
    commit(root)
    shutil.move(root / "c", root / "d")
    shutil.rmtree(root / "b")

    assert diff("-C", "d").output.splitlines()[-1] == (
        "the charter was in c/ at the base, and is compared with that; "
        "nothing is compared with those that were in b/"
    )


ABOVE = """\
* @acme/platform
/a/docs/ @acme/fraud
docs/eval_pack.md @acme/fraud
/a/ops/ @acme/ops
"""


def test_below_the_top_of_a_repository_the_file_at_the_top_says_who_owns(root: Path) -> None:
    """Hosts read no other CODEOWNERS, and match its patterns from the top."""
    move(root, "a")
    (root / "a/CODEOWNERS").write_text("* @mallory\n")
    (root / ".github").mkdir()
    (root / ".github/CODEOWNERS").write_text(ABOVE)
    commit(root)
    lower(root / "a")
    (root / "a/.mlcharter.yml").write_text("level: draft\n")

    found = diff("-C", "a").output.splitlines()

    assert f"a/{PACK}:19: weakens: {WEAKER}" in found
    assert (
        "a/.mlcharter.yml:1: weakens: setting `level`: complete → draft; "
        "needs the approval of @acme/platform"
    ) in found


@pytest.mark.parametrize("staged", [(), ("--staged",)], ids=["folder", "index"])
def test_a_change_of_owners_above_the_charter_weakens_it(
    root: Path, staged: tuple[str, ...]
) -> None:
    move(root, "a")
    (root / "a/CODEOWNERS").unlink()
    (root / "CODEOWNERS").write_text(ABOVE)
    commit(root)
    (root / "CODEOWNERS").write_text(ABOVE.replace("/a/ops/ @acme/ops", "/a/ops/ @mallory"))
    git(root, "add", "--all")

    result = diff("-C", "a", *staged)

    assert result.output.splitlines()[0] == (
        "CODEOWNERS:1: weakens: owners of ops/runbook.md: @acme/ops → @mallory; "
        "needs the approval of @acme/platform"
    )
    assert result.exit_code == 1


WORKFLOW = "on: [pull_request]\njobs: {a: {steps: [{run: mlcharter check a}, {run: ls}]}}\n"


@pytest.mark.parametrize("staged", [(), ("--staged",)], ids=["folder", "index"])
def test_a_check_that_ci_above_the_charter_no_longer_runs_weakens_it(
    root: Path, staged: tuple[str, ...]
) -> None:
    move(root, "a")
    ci = root / ".github/workflows/ci.yml"
    ci.parent.mkdir(parents=True)
    (root / "CODEOWNERS").write_text("* @acme/fraud\n/.github/ @acme/platform\n")
    ci.write_text(WORKFLOW)
    commit(root)
    ci.write_text(WORKFLOW.replace("{run: mlcharter check a}, ", ""))
    git(root, "add", "--all")

    result = diff("-C", "a", *staged)

    assert result.output.splitlines()[0] == (
        ".github/workflows/ci.yml:1: weakens: `mlcharter check` in CI: removed: 1 time; "
        "needs the approval of @acme/platform"
    )
    assert result.exit_code == 1


def test_check_looks_for_owners_at_the_top_of_the_repository_too(root: Path) -> None:
    move(root, "a")
    (root / "a/CODEOWNERS").write_text("* @mallory\n")
    (root / "CODEOWNERS").write_text("* @acme/fraud\n")
    git(root, "init", "--quiet")

    def unknown() -> set[str]:
        words = ["check", "a", "--select", "owner-unknown", "--level", "release"]
        text = CliRunner().invoke(cli, words).output
        return set(re.findall(r"`?@[a-z/]+`?[^`]* is not in [./A-Z]*", text))

    assert unknown() == {"`@acme/ops`, who is not in ../CODEOWNERS"} | {
        "`@acme/ops` is not in ../CODEOWNERS"
    }
    (root / "CODEOWNERS").write_text("* @acme/fraud @acme/ops\n")
    assert unknown() == set()


def move(folder: Path, into: str) -> None:
    """Move all files of a folder into another one."""
    (folder / into).mkdir()
    for path in list(folder.iterdir()):
        if path.name not in (".git", into):
            shutil.move(path, folder / into / path.name)


def test_a_folder_without_a_charter_before_and_after_is_an_error(root: Path) -> None:
    move(root, "a")
    commit(root)

    result = diff()

    assert (result.exit_code, f"there is no charter in {root}" in result.output) == (2, True)


@pytest.mark.parametrize("form", ["json", "sarif", "gitlab"])
def test_without_a_commit_the_output_has_the_format(root: Path, form: str) -> None:
    assert json.loads(diff("--format", form).output) is not None


def test_on_the_default_branch_it_says_how_to_judge_the_last_commit(root: Path) -> None:
    commit(root)
    first = diff().output.splitlines()[-1]
    lower(root)
    commit(root)

    result = diff()

    assert result.exit_code == 0
    note = "HEAD has no commit that main lacks, so only uncommitted changes are compared"
    assert first == note
    assert result.output.splitlines()[-1] == f"{note}; for the last commit: `mlcharter diff HEAD~1`"
    assert diff("HEAD~1").exit_code == 1
