"""Rows of a fleet: whatever one repository does, those of the others stay the same."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from small_charter import FILES, TODAY

from mlcharter.charter.charter import Charter
from mlcharter.check import engine
from mlcharter.cli import cli
from mlcharter.fleet import checking, members, running
from mlcharter.fleet.checking import Options
from mlcharter.fleet.members import Member
from mlcharter.fleet.rows import Row

OPTIONS = Options(TODAY, cached=False)


def charter(place: Path, **changed: str) -> Path:
    """Write the small charter of the tests of `diff`; `changed` replaces parts of its text."""
    for path, text in FILES.items():
        for old, new in changed.items():
            text = text.replace(old, new)
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    return place


def git(place: Path, *args: str) -> None:
    subprocess.run(["git", "-C", str(place), *args], check=True, capture_output=True)


def commit(place: Path) -> Path:
    git(place, "init")
    git(place, "add", "--all")
    git(place, "commit", "--message=first")
    return place


def check(folder: Path, options: Options = OPTIONS, processes: int = 1) -> list[Row]:
    return list(checking.rows(members.find([folder]), options, processes, seconds=60))


def shown(rows: list[Row]) -> list[tuple[str, str]]:
    return [(row.name, row.error or row.outcome) for row in rows]


def test_a_row_has_what_a_platform_team_asks_about(tmp_path: Path) -> None:
    place = commit(charter(tmp_path / "fraud"))
    git(place, "remote", "add", "origin", "https://ada:secret@git.acme.example/fraud.git")

    (row,) = check(tmp_path)

    assert (row.name, row.state, row.owner, row.tier) == (
        *("fraud", "checked", "@acme/fraud", "production"),
    )
    assert (row.tracks, row.template, row.level) == (("applied", "rag"), "v0.1.0", "complete")
    assert row.url == "https://git.acme.example/fraud.git"
    assert row.failing and row.left.complete == sum(f.level == "complete" for f in row.failing)
    (allow,) = (excuse for excuse in row.excuses if excuse.of == "allow")
    assert (allow.what, allow.by, str(allow.until), allow.reason) == (
        *("link-broken", "@acme/fraud", "2026-12-31", "the wiki is moving"),
    )


def test_a_mirror_has_the_row_of_its_clone(tmp_path: Path) -> None:
    place = commit(charter(tmp_path / "clones" / "fraud"))
    git(place, "clone", "--bare", ".", str(tmp_path / "mirrors" / "fraud.git"))

    (clone,), (mirror,) = check(tmp_path / "clones"), check(tmp_path / "mirrors")

    assert mirror.failing == clone.failing and mirror.score == clone.score
    assert mirror.name == clone.name == "fraud"


def test_repositories_without_a_charter_or_a_folder_are_rows_too(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    commit_empty = ["git", "init", "--quiet", str(tmp_path / "plain")]
    subprocess.run(commit_empty, check=True)
    charter(tmp_path / "broken")
    (tmp_path / "broken" / ".copier-answers.yml").write_text("tracks: [nonsense]\ntier: critical\n")
    (tmp_path / "fleet.csv").write_text("path,tier\nplain,critical\ngone,\nbroken,\n")

    rows = check(tmp_path / "fleet.csv")

    assert shown(rows) == [
        ("plain", "not adopted"),
        ("gone", f"{tmp_path}/gone is not a folder"),
        ("broken", "fails"),
    ]
    assert {failing.rule for failing in rows[2].failing} == {"answers-unreadable"}
    assert [row.tier for row in rows] == ["critical", "", ""]


def test_rows_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    for number in range(9):
        charter(tmp_path / f"fraud-{number}", **{"0.9,": f"0.9{number},"})

    alone, together = check(tmp_path), check(tmp_path, processes=4)

    assert alone == together
    assert [row.name for row in alone] == [f"fraud-{number}" for number in range(9)]


def crash() -> None:
    os._exit(3)


def hang() -> None:
    time.sleep(60)


def raise_error() -> None:
    raise ValueError("a bug")


def need_memory() -> None:
    raise MemoryError


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (crash, "its process ended without a result, with exit code 3"),
        (hang, "it took more than 5 seconds"),
        (raise_error, "mlcharter failed: ValueError: a bug"),
        (need_memory, f"it needs more than {running.MEMORY} bytes of memory"),
    ],
)
def test_a_repository_that_breaks_its_worker_costs_one_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None], error: str
) -> None:
    for name in ("a", "b", "c"):
        charter(tmp_path / name)
    healthy = check(tmp_path)
    row = checking.row

    def break_second(member: Member, options: Options) -> Row:
        if member.name == "b":
            act()
        return row(member, options)

    monkeypatch.setattr(checking, "row", break_second)
    rows = list(
        checking.rows(members.find([tmp_path]), OPTIONS, 2, seconds=5 if act is hang else 60)
    )

    assert shown(rows) == [("a", "fails"), ("b", error), ("c", "fails")]
    assert rows[::2] == healthy[::2]


@pytest.mark.hostile("a repository among others")
@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("docs/design_doc.md", "[" * 900_000),
        ("docs/design_doc.md", "# x\n" * 200_000),
        (".copier-answers.yml", "a: " + "[" * 100_000),
        (".mlcharter.yml", "extends: /dev/zero\n"),
        ("docs/eval_pack.md", "<!-- config: gates -->\n```yaml\n" + "- {a: " * 30_000 + "\n```\n"),
        ("CODEOWNERS", "*" * 500_000 + " @x\n"),
    ],
)
def test_a_hostile_repository_changes_nothing_for_the_others(
    tmp_path: Path, path: str, content: str
) -> None:
    for name in ("a", "b", "c"):
        charter(tmp_path / name)
    healthy = check(tmp_path)
    (tmp_path / "b" / path).write_text(content)

    rows = check(tmp_path, processes=2)

    assert rows[::2] == healthy[::2]
    assert rows[1].outcome != "passes"


@pytest.mark.hostile("a repository among others")
def test_a_pipe_and_a_link_loop_stop_no_fleet(tmp_path: Path) -> None:
    for name in ("a", "b"):
        charter(tmp_path / name)
    healthy = check(tmp_path)
    for path in ("docs/design_doc.md", "CODEOWNERS"):
        (tmp_path / "a" / path).unlink()
    os.mkfifo(tmp_path / "a" / "docs" / "design_doc.md")
    (tmp_path / "a" / "CODEOWNERS").symlink_to("CODEOWNERS")

    rows = check(tmp_path, processes=2)

    assert rows[1] == healthy[1] and rows[0].outcome == "fails"


def test_what_is_unchanged_is_not_checked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a run that was killed half-way, run again, checks only what is left."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("mlcharter.check.result_cache._RACY", -(10**18))
    place = commit(charter(tmp_path / "fleet" / "clones" / "fraud"))
    git(place, "clone", "--bare", ".", str(tmp_path / "fleet" / "mirror.git"))
    fleet = [*members.find([tmp_path / "fleet"])]
    kept = Options(TODAY)
    first = [checking.row(member, kept) for member in fleet]

    def forbidden(*args: object) -> None:
        raise AssertionError("it was checked again")

    with monkeypatch.context() as patched:
        patched.setattr(engine, "findings", forbidden)
        assert [checking.row(member, kept) for member in fleet] == first

    (place / "docs" / "design_doc.md").unlink()
    git(place, "commit", "--all", "--message=second")
    git(place, "push", str(tmp_path / "fleet" / "mirror.git"), "HEAD")
    clone, mirror = (checking.row(member, kept) for member in fleet)

    assert "document-missing" in {failing.rule for failing in clone.failing}
    assert mirror.failing == clone.failing


def test_a_shallow_mirror_is_cached_until_it_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("mlcharter.check.result_cache._RACY", -(10**18))
    place = charter(tmp_path / "origin")
    reviewed = "It took 41 seconds.\n"
    (place / "drill.md").write_text(reviewed)
    digest = sha256(reviewed.encode()).hexdigest()[:16]
    item = f"\n- [x] `a-b` Done. Evidence: [drill](../drill.md) (sha256:{digest})\n"
    with (place / "docs/design_doc.md").open("a") as file:
        file.write(item)
    commit(place)
    (place / "drill.md").write_text("It  took 41 seconds.\n")
    git(place, "commit", "--all", "--message=format")
    mirror = tmp_path / "mirror.git"
    git(place, "clone", "--bare", "--depth=1", f"file://{place}", str(mirror))
    [member] = members.find([mirror])
    options = Options(TODAY, level="release")

    def is_stale() -> bool:
        failing = checking.row(member, options).failing
        return any(one.rule == "evidence-stale" for one in failing)

    assert is_stale()
    with monkeypatch.context() as patched:
        patched.setattr(engine, "findings", None)
        assert is_stale()
    git(mirror, "--git-dir=.", "fetch", "--unshallow")
    assert not is_stale()


def test_the_documents_of_a_repository_are_freed_when_its_row_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    charter(tmp_path / "fraud")
    opened: list[Charter] = []
    open_charter = engine.open_charter

    def record(*args: Any, **options: Any) -> Charter:
        opened.append(open_charter(*args, **options))
        return opened[-1]

    monkeypatch.setattr(engine, "open_charter", record)

    assert checking.row(members.find([tmp_path])[0], OPTIONS).state == "checked"

    [checked] = opened
    assert len(checked.documents) > 1
    assert all(vars(document) == {} for document in checked.documents)


def test_another_standard_is_another_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("mlcharter.check.result_cache._RACY", -(10**18))
    place = commit(charter(tmp_path / "fraud"))
    git(place, "clone", "--bare", ".", str(tmp_path / "fraud.git"))
    standard = tmp_path / "standard.yml"
    levels = []
    for level in ("draft", "release"):
        standard.write_text(f"locked: true\nlevel: {level}\n")
        options = Options(TODAY, organisation=standard)
        levels += [checking.row(member, options).level for member in members.find([tmp_path])]

    assert levels == ["complete", "complete", "release", "release"]


# The command


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["fleet", *map(str, args)])


def test_a_repository_that_fails_newly_is_named(
    tmp_path: Path, render: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(render(tracks=["rl"], layout="documents"), tmp_path / "fleet" / "harbour")
    (tmp_path / "fleet" / "new").mkdir()
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "fleet" / "new")], check=True)
    (tmp_path / "standard.yml").write_text("locked: true\nlevel: complete\n")
    before = run("check", tmp_path / "fleet", "--format", "jsonl")
    (tmp_path / "before.jsonl").write_text(before.stdout)

    same = run("check", tmp_path / "fleet", "--compare", tmp_path / "before.jsonl")
    stricter = run(
        *("check", tmp_path / "fleet", "--compare", tmp_path / "before.jsonl"),
        *("--standard", tmp_path / "standard.yml"),
    )

    assert before.exit_code == 0 and len(before.stdout.splitlines()) == 2
    assert same.exit_code == 0 and same.stdout.endswith(
        "\n2 repositories: 1 not adopted, 1 passes\nnone newly fail\n"
    )
    assert stricter.exit_code == 1
    last = stricter.stdout.splitlines()[-2:]
    assert last[0] == "1 newly fail" and last[1].startswith("  harbour: ")


def test_a_group_names_the_nearest_command() -> None:
    assert "no command `chek`; did you mean `check`?" in run("chek").output
