"""Writes are atomic: for each function of the writer, and each write of each command."""

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import crashing
from conftest import Render
from mlcharter.cli import cli
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.template import sources
from mlcharter.update import journal
from mlcharter.update.merging.trees import LINK, PROGRAM, File

PATHS = st.lists(st.sampled_from(["a", "b", "c d", "é", ".x"]), min_size=1, max_size=4)
Tree = dict[str, bytes]


def tree(root: Path) -> Tree:
    """Return the content of every file below a folder, and the target of every link."""
    return {
        path.relative_to(root).as_posix(): os.fsencode(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.fixture
def umask() -> Iterator[Callable[[int], None]]:
    before = os.umask(0o022)
    yield lambda mask: do_nothing(os.umask(mask))
    os.umask(before)


def do_nothing(_: object) -> None:
    """Do nothing."""


# The functions of the writer


@settings(max_examples=40, deadline=None)
@given(parts=PATHS, first=st.binary(max_size=99), second=st.binary(max_size=9))
def test_a_write_replaces_the_whole_content(
    parts: list[str], first: bytes, second: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root, path = tmp_path_factory.mktemp("root"), "/".join(parts)

    writing.replace(root, path, first)
    writing.replace(root, path, second)

    assert tree(root) == {path: second}
    writing.remove(root, path)
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_a_new_file_has_the_mode_that_the_umask_allows(
    mask: int, umask: Callable[[int], None], tmp_path: Path
) -> None:
    umask(mask)
    writing.replace(tmp_path, "plain", b"")
    writing.replace(tmp_path, "program", b"", executable=True)

    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "program")]
    assert modes == [0o666 & ~mask, 0o777 & ~mask]


@pytest.mark.parametrize(
    "before, executable, after",
    [
        (0o600, None, 0o600),
        (0o444, None, 0o444),
        (0o755, None, 0o755),
        (0o640, True, 0o750),
        (0o755, False, 0o644),
    ],
)
def test_the_mode_of_an_existing_file_is_kept(
    before: int, executable: bool | None, after: int, tmp_path: Path
) -> None:
    (tmp_path / "x").write_text("old")
    (tmp_path / "x").chmod(before)

    writing.replace(tmp_path, "x", b"new", executable=executable)

    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == after


def test_only_the_user_can_read_a_file_of_the_cache(tmp_path: Path) -> None:
    writing.keep(tmp_path / "a/b.json", b"{}")

    assert stat.S_IMODE((tmp_path / "a/b.json").stat().st_mode) == 0o600


def test_a_file_with_the_longest_possible_name_is_written(tmp_path: Path) -> None:
    writing.replace(tmp_path, "x" * 255, b"new")

    assert tree(tmp_path) == {"x" * 255: b"new"}


def test_an_empty_folder_is_removed_with_its_last_file(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/keep").touch()
    (tmp_path / "a/b/x").touch()

    writing.remove(tmp_path, "a/b/x")

    assert [path.name for path in (tmp_path / "a").iterdir()] == ["keep"]


def test_a_pipe_that_the_user_names_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    writing.write(tmp_path / "pipe", "told")
    writing.write(Path("/dev/null"), "told")

    assert os.read(reader, 99) == b"told"
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_missing_folder_is_not_created_for_a_file_that_the_user_named(
    tmp_path: Path,
) -> None:
    with pytest.raises(UserError, match="can't be written: no such file") as refused:
        writing.write(tmp_path / "reprots/x.json", "{}")

    assert refused.value.hint == "name a file in a folder that exists"
    assert list(tmp_path.iterdir()) == []


# Files of killed processes


def leave_staged_file(folder: Path, kind: Callable[[Path], object]) -> Path:
    """Create a file under a staged name in a folder, as a killed process leaves it."""
    with writing._open_folder(folder) as number:
        place = folder / writing._staged_name(number)
    kind(place)
    return place


@pytest.mark.parametrize(
    "kind",
    [Path.touch, lambda place: place.symlink_to("x"), lambda place: (place / "a").mkdir(parents=1)],
    ids=["file", "link", "folder"],
)
def test_the_next_write_removes_what_a_killed_process_left(
    kind: Callable[[Path], object], tmp_path: Path
) -> None:
    leave_staged_file(tmp_path, kind)

    writing.replace(tmp_path, "x", b"new")

    assert tree(tmp_path) == {"x": b"new"} and len(list(tmp_path.iterdir())) == 1


def test_files_staged_by_a_running_process_are_left_alone(tmp_path: Path) -> None:
    with writing.staged_folder(tmp_path) as staging:
        (staging / "x").touch()
        writing.replace(tmp_path, "y", b"new")
        assert (staging / "x").exists()

    assert tree(tmp_path) == {"y": b"new"}


def test_a_file_that_came_with_a_clone_is_left_alone(tmp_path: Path) -> None:
    """Its name has a checksum of the inode of another folder."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    tracked = leave_staged_file(tmp_path / "a", Path.touch).rename(tmp_path / "b" / "tracked")
    names = [leave_staged_file(tmp_path / "a", Path.touch).name, ".mlcharter-x", ".mlcharter.yml"]
    for name in names:
        shutil.copy(tracked, tmp_path / "b" / name)

    writing.replace(tmp_path, "b/x", b"new")

    assert set(tree(tmp_path / "b")) == {"tracked", "x", *names}


# Killed, or with a full disk, at each write


def check(action: Callable[[], object], root: Path, most: int = 40) -> None:
    """Check that each file is old or new wherever `action` stops, and that a rerun completes it."""
    before = tree(root)
    kept = root.with_name(f"{root.name}-before")
    shutil.copytree(root, kept, symlinks=True)
    count = crashing.writes(action)
    after = tree(root)
    assert after != before
    for at in crashing.some(count, most):
        for stop in (crashing.killed, crashing.filled):
            shutil.rmtree(root)
            shutil.copytree(kept, root, symlinks=True)
            stop(action, at)
            staged = set(crashing.staged(root))
            for path, content in tree(root).items():
                if not any(path == one or path.startswith(f"{one}/") for one in staged):
                    assert content in (before.get(path), after.get(path)), (at, path)
            action()
            assert tree(root) == after, at
            assert list(crashing.staged(root)) == []


def mlcharter(*args: str) -> None:
    """Run a command, which may fail with a message, but not with a traceback."""
    result = CliRunner().invoke(cli, [*args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


@pytest.fixture
def repository(render: Render, tmp_path: Path) -> Path:
    """Provide a repository of documents with one problem for each command."""
    root = tmp_path / "harbour"
    shutil.copytree(render(tracks=["applied"], tier="production", layout="documents"), root)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


def test_a_killed_write_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root/x").write_text("old")

    def action() -> None:
        try:
            writing.replace(tmp_path / "root", "a/x", b"new" * 9999)
            writing.replace(tmp_path / "root", "x", b"new" * 9999)
        except UserError as error:
            assert "no space left on device" in error.message

    check(action, tmp_path / "root")


def test_a_killed_write_leaves_the_old_or_the_new_cache(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    (root / "results").mkdir(parents=True)

    def make(into: Path) -> None:
        into.mkdir()
        (into / "x").write_text("made")

    def action() -> None:
        writing.keep(root / "results/x.json", b"new" * 9999)
        try:
            sources.create_cached(root / "renders/x", make)
        except OSError as error:
            assert error.strerror == "No space left on device"

    check(action, root)


def test_a_killed_change_of_many_files_can_be_finished(tmp_path: Path) -> None:
    """The changes of `update` and `adopt`: new, changed, removed, executable, link."""
    root, before = tmp_path / "root", {"a": b"old", "gone/b": b"old", "c": b"old", "d": b"old"}
    folder = root / ".git/mlcharter/root"
    for path, content in before.items():
        writing.replace(root.parent, f"root/{path}", content)
    steps = [
        journal.Step("a", File(b"old"), File(b"new")),
        journal.Step("gone/b", File(b"old"), None),
        journal.Step("c", File(b"old"), File(b"old", PROGRAM)),
        journal.Step("d", File(b"old"), File(b"a", LINK)),
        journal.Step("made/here/e", None, File(b"new")),
    ]
    (root / ".git").mkdir()

    def work() -> Tree:
        return {path: text for path, text in tree(root).items() if not path.startswith(".git/")}

    def begin() -> None:
        try:
            with journal.locked(folder):
                if journal.read_pending(folder) is None:
                    journal.begin(folder, steps, "a change", "")
                journal.finish(folder, root, do_nothing)
        except UserError as error:
            assert "no space left on device" in error.message

    def abort() -> None:
        try:
            with journal.locked(folder):
                if journal.read_pending(folder) or journal.read_last(folder):
                    journal.revert(folder, root)
        except UserError as error:
            assert "no space left on device" in error.message

    after = {"a": b"new", "c": b"old", "d": b"a", "made/here/e": b"new"}
    for at in range(crashing.writes(begin)):
        abort()
        for stop in (crashing.killed, crashing.filled):
            stop(begin, at)
            begin()
            assert (work(), list(crashing.staged(root))) == (after, [])
            stop(abort, at)
            abort()
            assert (work(), list(crashing.staged(root))) == (before, [])
            assert sorted(path.name for path in folder.iterdir()) == ["lock"]
    assert not (root / "made").exists()


DAMAGED = "docs/design_doc.md"


def test_check_fix_can_be_killed_at_each_write(repository: Path) -> None:
    document = repository / DAMAGED
    document.write_text(document.read_text().replace("Owner:", "Nobody:", 1))

    def action() -> None:
        mlcharter("check", str(repository), "--fix", "--no-cache")

    check(action, repository, most=9)


def test_write_baseline_can_be_killed_at_each_write(repository: Path) -> None:
    (repository / ".mlcharter-baseline.json").write_text(
        '{"version": 1, "owner": "@acme/harbour", "findings": []}\n'
    )

    def action() -> None:
        mlcharter("check", str(repository), "--write-baseline", "--no-cache")

    check(action, repository, most=9)


def test_adopt_can_be_killed_at_some_writes(tmp_path: Path) -> None:
    """`mlcharter update` finishes the journal, and `--abort` reverts it."""
    root = tmp_path / "harbour"
    root.mkdir()
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    args = (str(root), "--defaults", "--yes", "--data", "layout=documents")
    folder = root / ".git/mlcharter/root"

    def action() -> None:
        mlcharter("adopt", *args)

    def work() -> Tree:
        return {path: text for path, text in tree(root).items() if not path.startswith(".git/")}

    action()
    after = work()
    mlcharter("update", str(root), "--abort")
    assert after and work() == {}
    count = crashing.writes(action)
    mlcharter("update", str(root), "--abort")
    for at in crashing.some(count, 8):
        for stop in (crashing.killed, crashing.filled):
            stop(action, at)
            mlcharter(
                *(("update", str(root)) if journal.read_pending(folder) else ("adopt", *args))
            )
            assert (work(), list(crashing.staged(root))) == (after, []), at
            mlcharter("update", str(root), "--abort")
            assert (work(), list(crashing.staged(root))) == ({}, []), at


@pytest.mark.parametrize("existing", [False, True], ids=["missing", "cloned"])
def test_new_can_be_killed_at_some_writes(existing: bool, tmp_path: Path) -> None:
    root = tmp_path / "place/harbour"

    def prepare() -> None:
        shutil.rmtree(root.parent, ignore_errors=True)
        root.parent.mkdir()
        if existing:
            subprocess.run(["git", "init", "--quiet", str(root)], check=True)

    def action() -> None:
        mlcharter("new", str(root), "--defaults", "--no-git", "--data", "layout=documents")

    def work() -> Tree:
        """Return everything except the answers, which contain the commit of this checkout."""
        here = {path: text for path, text in tree(root).items() if not path.startswith(".git/")}
        return here | {path: b"" for path in here if path == ".copier-answers.yml"}

    prepare()
    count = crashing.writes(action)
    after = work()
    finished = root / ".git/mlcharter-new.finished"
    for at in (*crashing.some(count, 4), *range(count - 9, count)):
        prepare()
        if not crashing.killed(action, at):
            assert at > count - 9  # a first run makes a few writes more than those that follow
            break
        assert finished.exists() or work() in ({}, after)
        action()
        assert work() == after, at
        assert list(crashing.staged(root.parent)) == [] and not finished.exists()
